import Foundation

/// The time of a send for later, in the spellings that providers take.
enum DueTime {
    /// The latest of the times in `text`, which may be several with commas between them.
    /// - Returns: `nil` when one of them is in no spelling known here: then nobody can say that the send is over.
    static func latest(_ text: String) -> Date? {
        if let date = parse(text) { return date }
        var latest: Date?
        for part in text.components(separatedBy: ", ") {
            guard let date = parse(part) else { return nil }
            latest = max(latest ?? date, date)
        }
        return latest
    }

    /// Seconds or milliseconds since 1970, ISO 8601 with `T` or a blank (UTC where no zone is said), or RFC 5322.
    static func parse(_ text: String) -> Date? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let number = Double(text), number.isFinite {
            // Eleven digits of seconds would be the year 5138.
            return number < 100_000_000_000 ? Date(timeIntervalSince1970: number) : Date(timeIntervalSince1970: number / 1000)
        }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.isLenient = false
        for format in formats {
            formatter.dateFormat = format
            if let date = formatter.date(from: text) { return date }
        }
        return nil
    }

    private static let formats = [
        "yyyy-MM-dd'T'HH:mm:ssXXXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSXXXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXXXX", "yyyy-MM-dd'T'HH:mm:ssxx",
        "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mmXXXXX", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ssXXXXX",
        "EEE, dd MMM yyyy HH:mm:ss Z", "EEE, d MMM yyyy HH:mm:ss Z", "EEE, dd MMM yyyy HH:mm:ss zzz", "dd MMM yyyy HH:mm:ss Z",
    ]
}
