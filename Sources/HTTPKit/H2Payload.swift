/// The frame whose payload is being read as it comes: DATA, or one of a type that is ignored.
struct H2Payload {
    /// Octets still to come.
    var left = 0
    /// Octets of padding among them, once known.
    var padding = 0
    /// The first octet says how much padding there is.
    var startsWithPadding = false
    var isData = false
    var endsStream = false
    var stream: Int32 = 0
}
