/// Writes the Prometheus text format, version 0.0.4.
struct PrometheusText {
    enum Kind: String { case counter, gauge, histogram }

    private(set) var text = ""
    private var name = ""

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ value: UInt64, _ labels: KeyValuePairs<String, String> = [:]) { line(name, labels, "\(value)") }
    mutating func sample(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) { line(name, labels, Self.number(value)) }

    mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        family(name, .gauge, help)
        sample(value)
    }

    /// - Parameter counts: by bucket; bucket `i` counts durations below `1 << i` microseconds, the last one also all above.
    mutating func histogram(_ name: String, _ counts: [UInt64], sumMicroseconds: UInt64) {
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index == counts.count - 1 ? "+Inf" : Self.number(Double(UInt64(1) << UInt64(index)) / 1e6)
            line(name + "_bucket", ["le": bound], "\(total)")
        }
        line(name + "_sum", [:], Self.number(Double(sumMicroseconds) / 1e6))
        line(name + "_count", [:], "\(total)")
    }

    private mutating func line(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: String) {
        text += name
        if !labels.isEmpty { text += "{" + labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}" }
        text += " \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.append(character)
            }
        }
        return out
    }
}
