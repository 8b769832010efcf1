import Bytes

/// What comes in: frames, and what they ask of the connection (RFC 9113 sections 4 to 6).
extension H2Upstream {
    /// Reads `bytes`, all of them.
    /// - Returns: `false` when the connection is beyond saving; whatever `write` yields (a GOAWAY) should still be sent.
    public func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: UInt64) -> Bool {
        self.now = now
        guard var at = bytes.baseAddress else { return !isTerminated }
        let end = at + bytes.count
        while at < end, !isTerminated {
            if payload.left > 0 {
                let count = min(payload.left, end - at)
                readPayload(UnsafeBufferPointer(start: at, count: count))
                at += count
            } else if partial.isEmpty, end - at >= H2FrameHeader.size {
                let header = H2FrameHeader(reading: at)
                let behind = at + H2FrameHeader.size
                if begin(header) {
                    at = behind
                } else if end - behind >= header.length {
                    understand(header, behind)
                    at = behind + header.length
                } else {
                    partial.append(UnsafeBufferPointer(start: at, count: end - at))
                    at = end
                }
            } else {
                at += gather(at, end - at)
            }
        }
        return !isTerminated
    }

    /// Adds to a frame that arrives in parts. - Returns: how many octets were taken.
    private func gather(_ at: UnsafePointer<UInt8>, _ available: Int) -> Int {
        let isHeader = partial.count < H2FrameHeader.size
        var whole = H2FrameHeader.size
        if !isHeader { whole += partialHeader.length }
        let taken = min(whole - partial.count, available)
        partial.append(UnsafeBufferPointer(start: at, count: taken))
        guard partial.count == whole else { return taken }
        let header = partialHeader
        if isHeader {
            // Its payload goes elsewhere, or is still to come.
            if begin(header) || isTerminated { partial.truncate(to: 0) }
            guard !partial.isEmpty, header.length == 0 else { return taken }
        }
        understand(header, partial.bytes.baseAddress.unsafelyUnwrapped + H2FrameHeader.size)
        partial.reset(keeping: 1024)
        return taken
    }

    private var partialHeader: H2FrameHeader { H2FrameHeader(reading: partial.bytes.baseAddress.unsafelyUnwrapped) }

    /// Judges a frame by its header. - Returns: whether its payload is read as it comes.
    @inline(__always)
    private func begin(_ header: H2FrameHeader) -> Bool {
        let type = H2FrameType(rawValue: header.type)
        if awaitsSettings, type != .settings || header.has(H2FrameHeader.ack) { return refuse(.protocolError) }
        guard header.length <= H2FrameHeader.payloadLimit else { return refuse(.frameSizeError) }
        // Nothing may come between the parts of a field section.
        let continued = type == .continuation ? header.stream : 0
        guard continued == sectionStream, type != .continuation || continued != 0 else { return refuse(.protocolError) }
        if type == .data { return beginData(header) }
        guard type == nil else { return false }
        payload = H2Payload(left: header.length)
        return true
    }

    private func refuse(_ code: H2ErrorCode) -> Bool {
        fail(code)
        return false
    }

    /// Whether the stream was never opened: neither by us nor, since we allow no push, by the provider.
    private func isIdle(_ id: Int32) -> Bool { id & 1 == 0 || id >= nextID }

    /// The stream, unless it is over or being reset.
    @inline(__always)
    func live(_ id: Int32) -> UnsafeMutablePointer<H2Stream>? {
        guard let stream = streams[id], stream.pointee.upstream.place != .closing else { return nil }
        return stream
    }

    /// Takes a frame that is here whole.
    private func understand(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        if isTerminated { return }
        switch H2FrameType(rawValue: header.type) {
        case .headers: headers(header, p)
        case .continuation: continuation(header, p)
        case .windowUpdate: windowUpdate(header, p)
        case .settings: settings(header, p)
        case .ping: ping(header, p)
        case .rstStream: resetReceived(header, p)
        case .goaway: goaway(header, p)
        case .priority:
            if header.stream == 0 { fail(.protocolError) } else if header.length != 5 { fail(.frameSizeError) }
        case .pushPromise: fail(.protocolError)
        case .data, nil: break      // `begin` took them
        }
    }

    // MARK: DATA

    private func beginData(_ header: H2FrameHeader) -> Bool {
        let id = header.stream
        guard !isIdle(id) else { return refuse(.protocolError) }
        guard receiveWindow.take(header.length) else { return refuse(.flowControlError) }
        let isPadded = header.has(H2FrameHeader.padded)
        guard header.length > 0 || !isPadded else { return refuse(.frameSizeError) }
        payload = H2Payload(
            left: header.length, startsWithPadding: isPadded, isData: true, endsStream: header.has(H2FrameHeader.endStream), stream: id)
        if let stream = live(id) {
            if stream.pointee.incomingEnded {
                breakOff(stream, .streamClosed)
            } else if !stream.pointee.upstream.receiveWindow.take(header.length) {
                breakOff(stream, .flowControlError)
            }
        }
        if header.length == 0 { payloadEnded() }
        return true
    }

    private func readPayload(_ bytes: UnsafeBufferPointer<UInt8>) {
        payload.left -= bytes.count
        guard payload.isData else { return }
        var bytes = bytes
        if payload.startsWithPadding {
            payload.startsWithPadding = false
            payload.padding = Int(bytes[0])
            bytes = bytes.part(1..<bytes.count)
            guard payload.padding <= payload.left + bytes.count else { return fail(.protocolError) }
            release(1)
        }
        let count = max(min(bytes.count, payload.left + bytes.count - payload.padding), 0)
        if count > 0 { data(payload.stream, bytes.part(0..<count)) }
        release(bytes.count - count)
        if payload.left == 0 { payloadEnded() }
    }

    /// Grants octets of padding anew: nobody will consume them.
    private func release(_ count: Int) {
        guard count > 0 else { return }
        creditConnection(count)
        if let stream = live(payload.stream) { credit(stream, count) }
    }

    private func payloadEnded() {
        if payload.endsStream, let stream = live(payload.stream) { messageEnded(stream) }
    }

    // MARK: HEADERS and CONTINUATION

    private func headers(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        guard !isIdle(header.stream) else { return fail(.protocolError) }
        var start = 0, padding = 0
        if header.has(H2FrameHeader.padded) {
            guard header.length >= 1 else { return fail(.frameSizeError) }
            padding = Int(p[0])
            start = 1
        }
        if header.has(H2FrameHeader.priority) { start += 5 }
        guard start <= header.length else { return fail(.frameSizeError) }
        guard padding <= header.length - start else { return fail(.protocolError) }
        let block = UnsafeBufferPointer(start: p + start, count: header.length - start - padding)
        let ends = header.has(H2FrameHeader.endStream)
        if header.has(H2FrameHeader.endHeaders) { return fieldSection(header.stream, block, endsStream: ends) }
        section.append(block)
        sectionStream = header.stream
        sectionEndsStream = ends
        continuations = 0
    }

    private func continuation(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        continuations += 1
        guard continuations <= limits.continuations else { return flood(.continuations) }
        guard section.count + header.length <= 2 * limits.headerListSize else { return flood(.headerList) }
        section.append(UnsafeBufferPointer(start: p, count: header.length))
        guard header.has(H2FrameHeader.endHeaders) else { return }
        sectionStream = 0
        fieldSection(header.stream, section.bytes, endsStream: sectionEndsStream)
        section.reset(keeping: 1024)
    }

    // MARK: The rest

    private func resetReceived(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        guard header.length == 4 else { return fail(.frameSizeError) }
        guard !isIdle(header.stream) else { return fail(.protocolError) }
        guard let stream = streams[header.stream] else { return }
        let code = p.bigEndian32
        close(stream, code, isUnsent: code == H2ErrorCode.refusedStream.rawValue)
    }

    private func settings(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        guard header.stream == 0 else { return fail(.protocolError) }
        if header.has(H2FrameHeader.ack) {
            guard header.length == 0 else { return fail(.frameSizeError) }
            return settingsAcknowledged()
        }
        guard header.length % 6 == 0 else { return fail(.frameSizeError) }
        guard header.length / 6 <= limits.settingsEntries else { return fail(.enhanceYourCalm) }
        if awaitsSettings { settings.begin() }
        awaitsSettings = false
        let window = settings.initialWindow
        for offset in stride(from: 0, to: header.length, by: 6) {
            let identifier = Int(p[offset]) << 8 | Int(p[offset + 1])
            let value = Int((p + offset + 2).bigEndian32)
            if let code = settings.take(identifier, value) { return fail(code) }
            if identifier == H2PeerSettings.headerTableSize { encoder.peerTableSize(value) }
        }
        widenStreams(by: settings.initialWindow - window)
        acknowledge(H2FrameHeader(.settings, length: 0, flags: H2FrameHeader.ack))
    }

    private func widenStreams(by difference: Int) {
        guard difference != 0 else { return }
        for slot in 0..<streams.capacity {
            guard let stream = streams.stream(inSlot: slot) else { continue }
            guard stream.pointee.upstream.sendWindow.widen(by: difference) else { return fail(.flowControlError) }
            schedule(stream)
        }
    }

    /// The provider goes by our SETTINGS from here on.
    private func settingsAcknowledged() {
        guard !isAcknowledged else { return fail(.protocolError) }
        isAcknowledged = true
        let difference = limits.streamWindow - streamWindow
        streamWindow = limits.streamWindow
        for slot in 0..<streams.capacity { streams.stream(inSlot: slot)?.pointee.upstream.receiveWindow.resize(by: difference) }
    }

    private func acknowledge(_ header: H2FrameHeader) {
        if isTerminated { return }
        acknowledgements += 1
        guard acknowledgements <= limits.queuedAcknowledgements else { return fail(.enhanceYourCalm) }
        control.append(header)
    }

    private func ping(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        guard header.stream == 0 else { return fail(.protocolError) }
        guard header.length == 8 else { return fail(.frameSizeError) }
        if header.has(H2FrameHeader.ack) { return }
        acknowledge(H2FrameHeader(.ping, length: 8, flags: H2FrameHeader.ack))
        if !isTerminated { control.append(UnsafeBufferPointer(start: p, count: 8)) }
    }

    private func goaway(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        guard header.stream == 0 else { return fail(.protocolError) }
        guard header.length >= 8 else { return fail(.frameSizeError) }
        let last = Int32(truncatingIfNeeded: p.bigEndian32 & 0x7fff_ffff)
        // It names a stream of ours and never takes back that it gave one up.
        guard last == 0 || last & 1 == 1, last <= lastAccepted else { return fail(.protocolError) }
        lastAccepted = last
        isGoingAway = true
        events.append(.goaway)
        let refused = H2ErrorCode.refusedStream.rawValue
        var slot = 0
        while slot < streams.capacity {
            if let stream = streams.stream(inSlot: slot), stream.pointee.id > last {
                close(stream, refused, isUnsent: true)
            } else {
                slot += 1
            }
        }
        while let stream = waiting.first { close(stream, refused, isUnsent: true) }
    }

    private func windowUpdate(_ header: H2FrameHeader, _ p: UnsafePointer<UInt8>) {
        guard header.length == 4 else { return fail(.frameSizeError) }
        let increment = Int(p.bigEndian32 & 0x7fff_ffff)
        if header.stream == 0 {
            guard increment > 0 else { return fail(.protocolError) }
            guard sendWindow.widen(by: increment) else { return fail(.flowControlError) }
            return
        }
        guard !isIdle(header.stream) else { return fail(.protocolError) }
        guard let stream = live(header.stream) else { return }
        guard increment > 0 else { return breakOff(stream) }
        guard stream.pointee.upstream.sendWindow.widen(by: increment) else { return breakOff(stream, .flowControlError) }
        schedule(stream)
    }
}
