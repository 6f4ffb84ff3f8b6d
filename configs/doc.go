// Package configs reads the operator's settings: annotated YAML, then environment
// variables, then flags, each over the one before. It names every key that is unknown or
// wrong, and knows nothing of the parts that the settings are for.
package configs
