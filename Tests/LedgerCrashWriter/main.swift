import Foundation
import Ledger
import Recipients

// Appends opt-outs to the ledger named by the first argument until it is killed, and says on standard output which append has
// returned: a number and a line feed each. The second argument is the first number.
// With a third argument it imports that file instead, and says how many events each batch has brought.
let ledger = try PreferenceLedger(path: CommandLine.arguments[1])
if CommandLine.arguments.count > 3 {
    let options = ImportOptions(source: "crash", actor: EventActor(kind: .system))
    try PreferenceImport(ledger: ledger, identifiers: IdentifierReader(rules: .standard), options: options).run(
        path: CommandLine.arguments[3], rejected: { _ in },
        progress: { try? FileHandle.standardOutput.write(contentsOf: Data("\($0.added)\n".utf8)) })
    exit(0)
}
var number = Int(CommandLine.arguments[2]) ?? 0
while true {
    try ledger.append(PreferenceEvent(
        id: "crash-\(number)", action: .optOut, identifier: Identifier(kind: .phone, value: "+1\(2_000_000_000 + number)"),
        channels: .all, source: EventSource(method: .api), actor: EventActor(kind: .system)))
    try FileHandle.standardOutput.write(contentsOf: Data("\(number)\n".utf8))
    number += 1
}
