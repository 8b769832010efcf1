/// RFC 9113 section 7.
public enum H2ErrorCode: UInt32, Sendable {
    case noError = 0, protocolError, internalError, flowControlError, settingsTimeout, streamClosed, frameSizeError
    case refusedStream, cancel, compressionError, connectError, enhanceYourCalm, inadequateSecurity, http11Required
}
