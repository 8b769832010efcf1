import Foundation

/// Pushes out what was printed: standard output is buffered when it is not a terminal.
func flushStandardOutput() { fflush(nil) }
