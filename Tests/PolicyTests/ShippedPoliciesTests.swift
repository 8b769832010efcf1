import Foundation
import Policy
import Recipients
import Testing

@Suite struct ShippedPoliciesTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("policies").path

    @Test func areWithoutProblems() {
        let problems = PolicyLoader.check(directory: Self.directory)
        #expect(problems.isEmpty, "\(PolicyProblems(problems))")
    }
}
