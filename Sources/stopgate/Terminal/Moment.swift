import Ledger

/// A moment as people write it.
struct Moment {
    /// Since 1970.
    let microseconds: Int64

    init?(_ text: String) {
        guard let time = Timestamp(text) else { return nil }
        microseconds = time.milliseconds * 1000
    }
}
