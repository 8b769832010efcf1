/// The protocol version of one message.
public enum HTTPVersion: UInt8, Sendable { case http10, http11, http2 }
