extension FieldBlock {
    /// Adds a field of our own. Control octets in `value`, which could end the line, become blanks.
    /// - Returns: `false` when the block is full.
    public mutating func add(_ name: StaticString, _ value: String) -> Bool {
        var value = value
        return value.withUTF8 { add(name, $0) }
    }

    /// The same with a name that is known only at run time: a token in lower case.
    public mutating func add(name: String, _ value: String) -> Bool {
        var (name, value) = (name, value)
        return name.withUTF8 { name in value.withUTF8 { appendOwn(name: name, value: $0) } }
    }

    /// Adds a field of our own with bytes known to be visible ASCII.
    public mutating func add(_ name: StaticString, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        add(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value)
    }

    /// The same with a name that is known at run time only: a token in lower case.
    public mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        appendOwn(name: name, value: value)
    }
}
