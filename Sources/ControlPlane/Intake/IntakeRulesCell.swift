import Synchronization

/// Where the newest rules of the intake are found. One writer, the reload; asked once for each webhook.
final class IntakeRulesCell: Sendable {
    private let rules: Mutex<IntakeRules?>

    init(_ rules: IntakeRules?) { self.rules = Mutex(rules) }

    var current: IntakeRules? { rules.withLock { $0 } }
    func publish(_ newer: IntakeRules?) { rules.withLock { $0 = newer } }
}
