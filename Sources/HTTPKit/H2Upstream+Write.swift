public import Bytes

/// What goes out.
extension H2Upstream {
    /// Appends frames to `output` until there is nothing to send or about `limit` bytes are there.
    /// - Returns: whether there may be more.
    public func write(into output: inout GrowableBytes, atMost limit: Int) -> Bool {
        if !control.isEmpty {
            output.append(control.bytes)
            control.reset(keeping: 4096)
            acknowledgements = 0
        }
        if isTerminated { return false }
        while let stream = closing.first {
            let id = stream.pointee.id, code = stream.pointee.upstream.reset.rawValue
            if id > 0 {
                output.append(H2FrameHeader(.rstStream, length: 4, stream: id))
                output.append(bigEndian: code)
            }
            close(stream, code, isUnsent: id == H2Stream.waitingID)
        }
        while output.count < limit {
            if let stream = waiting.first, streams.count < settings.concurrentStreams {
                open(stream, &output)
            } else if !writeData(&output) {
                return false
            }
        }
        return true
    }

    /// Puts a stream in the queue for DATA if it has something to send and its window allows it.
    func schedule(_ stream: UnsafeMutablePointer<H2Stream>) {
        guard stream.pointee.upstream.place == .none, stream.pointee.upstream.sends else { return }
        if stream.pointee.waitsOnlyForEnd {
            ready.prepend(stream)
        } else if stream.pointee.upstream.sendWindow.left > 0, stream.pointee.outgoing?.pointee.isEmpty == false {
            ready.append(stream)
        }
    }

    // MARK: HEADERS

    private func open(_ stream: UnsafeMutablePointer<H2Stream>, _ output: inout GrowableBytes) {
        waiting.remove(stream)
        let id = nextID
        nextID += 2
        stream.pointee.id = id
        streams.insert(stream)
        let start = output.count
        var flags = H2FrameHeader.endHeaders
        if !stream.pointee.upstream.sends { flags |= H2FrameHeader.endStream }
        output.append(H2FrameHeader(.headers, length: 0, flags: flags, stream: id))
        if let head = stream.pointee.upstream.head { encode(stream, head, &output) }
        let length = output.count - start - H2FrameHeader.size
        if length <= H2FrameHeader.payloadLimit {
            output[start + 1] = UInt8(truncatingIfNeeded: length >> 8)
            output[start + 2] = UInt8(truncatingIfNeeded: length)
        } else {
            cut(&output, from: start)
        }
        stream.pointee.upstream.sendWindow = H2SendWindow(left: settings.initialWindow)
        stream.pointee.upstream.receiveWindow = H2ReceiveWindow(size: streamWindow)
        schedule(stream)
    }

    private func encode(_ stream: UnsafeMutablePointer<H2Stream>, _ head: UnsafePointer<RequestHead>, _ output: inout GrowableBytes) {
        let dropped = HeaderTokenSet.requestDropped.union(stream.pointee.upstream.dropping)
        let length = stream.pointee.upstream.length
        encoder.request(
            method: head.pointee.fields.bytes(head.pointee.methodName), authority: stream.pointee.upstream.authority,
            path: stream.pointee.upstream.path, fields: head.pointee.fields, except: dropped, length: length >= 0 ? length : nil, into: &output)
    }

    /// Cuts a HEADERS frame that is too long into one and its CONTINUATIONs.
    @inline(never)
    private func cut(_ output: inout GrowableBytes, from start: Int) {
        var whole = GrowableBytes(capacity: output.count - start)
        whole.append(output.bytes.part(start..<output.count))
        output.truncate(to: start)
        var header = H2FrameHeader(reading: whole.bytes.baseAddress.unsafelyUnwrapped)
        let flags = header.flags
        var at = H2FrameHeader.size
        while at < whole.count {
            let length = min(whole.count - at, H2FrameHeader.payloadLimit)
            let isFirst = at == H2FrameHeader.size, isLast = at + length == whole.count
            header = H2FrameHeader(
                isFirst ? .headers : .continuation, length: length,
                flags: (isFirst ? flags & H2FrameHeader.endStream : 0) | (isLast ? H2FrameHeader.endHeaders : 0), stream: header.stream)
            output.append(header)
            output.append(whole.bytes.part(at..<at + length))
            at += length
        }
    }

    // MARK: DATA

    /// Appends the DATA frame whose turn it is. - Returns: `false` when none can go out.
    private func writeData(_ output: inout GrowableBytes) -> Bool {
        guard let stream = ready.first else { return false }
        guard let outgoing = stream.pointee.outgoing else {
            ready.remove(stream)
            return true
        }
        let available = outgoing.pointee.count
        if available > 0, sendWindow.left <= 0 { return false }
        ready.remove(stream)
        let window = min(sendWindow.left, stream.pointee.upstream.sendWindow.left)
        let count = max(min(min(available, H2FrameHeader.payloadLimit), window), 0)
        let isLast = count == available && stream.pointee.outgoingEnded
        // A window that SETTINGS took back, or a queue that was emptied: what opens the one or fills the other schedules it again.
        guard count > 0 || isLast else { return true }
        output.append(
            H2FrameHeader(.data, length: count, flags: isLast ? H2FrameHeader.endStream : 0, stream: stream.pointee.id))
        if count > 0 {
            output.append(outgoing.pointee.readable.part(0..<count))
            outgoing.pointee.consume(count)
            sendWindow.spend(count)
            stream.pointee.upstream.sendWindow.spend(count)
            events.append(.wrote(stream, count: count))
        }
        if isLast {
            stream.pointee.upstream.sends = false
            if stream.pointee.incomingEnded { close(stream, H2ErrorCode.noError.rawValue, isUnsent: false) }
        } else {
            schedule(stream)
        }
        return true
    }
}
