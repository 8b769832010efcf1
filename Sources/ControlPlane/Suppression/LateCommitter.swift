import Ledger
import Synchronization

/// Where the intake's services hand events over. The engine makes them before there is a committer, which needs the engine.
final class LateCommitter: Sendable {
    struct Starting: Error, CustomStringConvertible {
        let description = "the gate is still starting"
    }

    private let committer = Mutex<OptOutCommitter?>(nil)

    func set(_ value: OptOutCommitter) { committer.withLock { $0 = value } }

    func submit(_ event: PreferenceEvent, _ done: @escaping OptOutCommitter.Completion) {
        guard let committer = committer.withLock({ $0 }) else {
            done(.failure(Starting()))
            return
        }
        committer.submit(event, done)
    }
}
