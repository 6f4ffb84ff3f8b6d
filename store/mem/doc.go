// Package mem is a store engine in memory, for tests and throw-away servers. It
// runs every function twice unless told otherwise, which keeps callers honest
// about having no effect but their writes.
package mem
