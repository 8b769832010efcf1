import ArgumentParser
import Foundation

/// A command could not be done: a sentence for standard error and an exit code of 2.
struct Failure: Error, CustomStringConvertible {
    static let exitCode: Int32 = 2
    let description: String

    init(_ text: String) { description = text }
    init(_ error: any Error) { description = "\(error)" }
}
