// Package record turns a finished conclusion into the document a clinic hands
// out: a PDF with embedded fonts, laid out for print, and signed with the
// clinic's key. It is given everything it prints and knows neither the store
// nor who may see what.
//
// What is checked by this package's tests: the text can be extracted again
// (Cyrillic included), every font is embedded and subset, the page numbers are
// right, the same document gives the same bytes, the structure that PDF/A-2b
// asks for is there (XMP with the part and level, an sRGB output intent, a file
// identifier, no transparency, no scripts, no external references), and the
// signature is one that poppler's pdfsig calls valid. Conformance has not been
// confirmed by a full PDF/A validator, which is why no more is claimed.
package record
