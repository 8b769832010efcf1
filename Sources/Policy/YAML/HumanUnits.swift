/// Times and sizes as people write them.
enum HumanUnits {
    /// `250ms`, `30s`, `5m`, `1h`, `7d`; whole numbers above 0.
    static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = split(text) else { return nil }
        let milliseconds: Int
        switch unit {
        case "ms": milliseconds = 1
        case "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        default: return nil
        }
        let (total, overflow) = number.multipliedReportingOverflow(by: milliseconds)
        return overflow ? nil : .milliseconds(total)
    }

    /// Bytes: `512B`, `64KiB`, `1MiB`, `2GiB`, `64KB`, `1MB`, `2GB`; whole numbers above 0.
    static func size(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let bytes: Int
        switch unit {
        case "B": bytes = 1
        case "KiB": bytes = 1 << 10
        case "MiB": bytes = 1 << 20
        case "GiB": bytes = 1 << 30
        case "KB": bytes = 1000
        case "MB": bytes = 1_000_000
        case "GB": bytes = 1_000_000_000
        default: return nil
        }
        let (total, overflow) = number.multipliedReportingOverflow(by: bytes)
        return overflow ? nil : total
    }

    private static func split(_ text: String) -> (Int, String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "_" }
        guard let number = Int(digits.replacing("_", with: "")), number > 0 else { return nil }
        return (number, String(text.dropFirst(digits.count).drop { $0 == " " }))
    }
}
