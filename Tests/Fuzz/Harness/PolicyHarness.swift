import Policy

/// A policy file, read as each of the three kinds: settings, a provider, a channel.
///
/// What is refused is told why, at a line of the file, in words that can be printed.
enum PolicyHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let directory = ScratchDirectory()
        directory.makeFolder("providers")
        directory.makeFolder("channels")
        for name in ["stopgate.yaml", "providers/p.yaml", "channels/c.yaml"] { directory.write(input, to: name) }
        var problems: [PolicyProblem] = []
        do throws(PolicyProblems) { _ = try PolicyLoader.load(directory: directory.path) } catch {
            problems = error.list
            try require(!problems.isEmpty, "refused without a problem")
        }
        let lines = 1 + input.count { $0 == 0x0a || $0 == 0x0d }
        for problem in problems {
            try require(!problem.message.isEmpty && !problem.rendered(colour: true).isEmpty, "a problem without words")
            // YAML knows two line breaks outside of ASCII; they are three bytes each.
            try require(problem.line >= 0 && problem.line <= lines + input.count / 2 && problem.column >= 0, "a problem at \(problem.line):\(problem.column)")
        }
    }
}
