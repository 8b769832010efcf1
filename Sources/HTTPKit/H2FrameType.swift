/// RFC 9113 section 6. A type that is not here is ignored.
enum H2FrameType: UInt8 {
    case data, headers, priority, rstStream, settings, pushPromise, ping, goaway, windowUpdate, continuation
}
