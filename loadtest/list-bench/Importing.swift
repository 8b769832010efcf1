import Foundation
import Ledger
import Recipients

/// Imports a generated file twice, as CSV and as NDJSON, and says how many events a second were recorded and recognised.
func importEvents(rows: Int, directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for format in ["csv", "ndjson"] {
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] { try? FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
        let path = "\(directory)/in.\(format)"
        try write(rows, format, to: path)
        let ledger = try PreferenceLedger(path: directory + "/ledger.db")
        let options = ImportOptions(source: "bench", actor: EventActor(kind: .operator, name: "bench"))
        for name in ["first", "again"] {
            let watch = Stopwatch()
            let totals = try PreferenceImport(ledger: ledger, identifiers: IdentifierReader(rules: .standard), options: options)
                .run(path: path, rejected: { _ in })
            print(String(
                format: "%@ %@: %d added, %d known, %.2f s CPU, %.2f s wall, %.0f rows per CPU second, %.0f per second", format, name, totals.added,
                totals.known, watch.cpuElapsed, watch.wallElapsed, Double(totals.rows) / watch.cpuElapsed, Double(totals.rows) / watch.wallElapsed))
        }
    }
}

private func write(_ rows: Int, _ format: String, to path: String) throws {
    var numbers = Numbers()
    var text = format == "csv" ? "phone,channels,reason,requested_at\n" : ""
    for _ in 0..<rows {
        let random = numbers.next()
        let phone = "+1\(201 + random % 700)\(2_000_000 + (random >> 20) % 8_000_000)"
        text += format == "csv" ? "\(phone),sms mms,stop,2026-03-01T09:30:00Z\n"
            : "{\"phone\":\"\(phone)\",\"channels\":[\"sms\",\"mms\"],\"reason\":\"stop\",\"requested_at\":\"2026-03-01T09:30:00Z\"}\n"
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}
