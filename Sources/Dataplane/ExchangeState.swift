import Bytes
import HTTPKit

typealias ExchangePointer = UnsafeMutablePointer<ExchangeState>

/// One request and its answer. Pooled by the worker, so its buffers, its timers and its address are reused.
///
/// Both sides share the buffers: a client's body bytes are written by its codec into `requestBody` and read from there by
/// the provider's codec, and the answer goes the other way through `responseBody`.
struct ExchangeState: ~Copyable {
    /// Where the request stands. What may happen in which phase is docs/design.md, "One request".
    enum Phase: UInt8 {
        /// In the pool.
        case free
        /// The head is being read, or the body is.
        case receiving
        /// The service is working on it elsewhere (the audit's disk, the ledger).
        case parked
        /// Decided to go out; no upstream connection has taken it yet.
        case queued
        /// Handed to an upstream connection.
        case sent
        /// Answered by ourselves.
        case answered
    }

    var phase = Phase.free
    let worker: Unmanaged<Worker>
    /// Counts uses of this block, so that a late message from another thread cannot hit a later request.
    var generation: UInt64 = 0
    var service: Unmanaged<Service>?

    // The client's side.
    var client: ConnectionPointer?
    var clientPrevious: ExchangePointer?
    var clientNext: ExchangePointer?
    let clientStream: UnsafeMutablePointer<H2Stream>
    let request: UnsafeMutablePointer<RequestHead>
    let requestBody: UnsafeMutablePointer<ByteQueue>
    /// The client has sent all of its request.
    var requestEnded = false
    /// Bytes of request body received, for limits and rates.
    var requestReceived = 0
    var isHead = false

    // The provider's side.
    var upstream: ConnectionPointer?
    var upstreamPrevious: ExchangePointer?
    var upstreamNext: ExchangePointer?
    let upstreamStream: UnsafeMutablePointer<H2Stream>
    var pool: Unmanaged<OriginPool>?
    /// The target path, in `request.fields`.
    var upstreamPath = ByteRange(lower: 0, upper: 0)
    /// The request head has been handed to the upstream codec.
    var headSent = false
    /// The request body has been handed over whole.
    var bodySent = false
    /// The body's length is known, so it goes out under `Content-Length`.
    var bodyLength: Int?
    var retries = 0
    /// Taken back from a connection before any of its body had left: an opt-out was quicker.
    var isRecalled = false
    /// Request fields not passed on, beside those that never are.
    var droppedFields = HeaderTokenSet()

    // The answer.
    let response: UnsafeMutablePointer<ResponseHead>
    let responseBody: UnsafeMutablePointer<ByteQueue>
    /// The response head is complete and may go to the client.
    var responseReady = false
    /// The response head has been handed to the client's codec.
    var responseStarted = false
    var responseEnded = false
    /// The service wants the answer whole before anything of it goes to the client: ``Service/responseComplete(_:)``.
    var holdsResponse = false
    /// Body bytes of the answer that were held, for which the provider has been given back its window already.
    var heldBytes = 0
    /// How the body goes to an HTTP/1.1 client.
    var sentFraming = BodyFraming.none
    /// The client waits for `100 Continue`.
    var sendContinue = false
    var responseSent = 0

    /// How the request is taken: whole into memory, or passed on as it comes.
    var isStreaming = false
    /// Body bytes of a streamed request that have been handed to a provider: they cannot be offered again.
    var streamedOut = 0
    /// Body bytes of a streamed request for which an HTTP/2 client has not been given back its window.
    var uncredited = 0
    var bodyLimit = 0
    /// What it holds of the worker's share of the body budget.
    var budgeted = 0

    var screening = ScreeningState()
    var userState: UInt64 = 0

    var startedAt = MonotonicTime(microseconds: 0)
    var sentAt = MonotonicTime(microseconds: 0)
    var lastBodyAt: UInt64 = 0
    var phaseSince: UInt64 = 0
    let timer: UnsafeMutablePointer<TimerNode>

    /// Link of the pool, the queue for a connection, or the wait for the audit. An exchange is in one of them at most.
    var next: ExchangePointer?
    var isQueued = false

    /// What C or another object points at has a block of its own: its address must not depend on this struct's layout.
    init(worker: Worker) {
        self.worker = .passUnretained(worker)
        clientStream = .allocate(capacity: 1)
        clientStream.initialize(to: H2Stream())
        upstreamStream = .allocate(capacity: 1)
        upstreamStream.initialize(to: H2Stream())
        request = .allocate(capacity: 1)
        request.initialize(to: RequestHead())
        requestBody = .allocate(capacity: 1)
        requestBody.initialize(to: ByteQueue(capacity: 512))
        response = .allocate(capacity: 1)
        response.initialize(to: ResponseHead())
        responseBody = .allocate(capacity: 1)
        responseBody.initialize(to: ByteQueue(capacity: 512))
        timer = .allocate(capacity: 1)
        timer.initialize(to: TimerNode())
    }

    deinit {
        clientStream.deallocate()
        upstreamStream.deallocate()
        request.deinitialize(count: 1)
        request.deallocate()
        requestBody.deinitialize(count: 1)
        requestBody.deallocate()
        response.deinitialize(count: 1)
        response.deallocate()
        responseBody.deinitialize(count: 1)
        responseBody.deallocate()
        timer.deallocate()
    }

    /// Makes the block ready for its next request. Buffers keep up to 64 KiB; a large mail's memory is given back.
    mutating func reset() {
        phase = .free
        generation &+= 1
        service = nil
        client = nil
        upstream = nil
        pool = nil
        clientStream.pointee = H2Stream()
        upstreamStream.pointee = H2Stream()
        request.pointee.reset()
        response.pointee.reset()
        requestBody.pointee.reset(keeping: 64 << 10)
        responseBody.pointee.reset(keeping: 64 << 10)
        requestEnded = false
        requestReceived = 0
        isHead = false
        upstreamPath = ByteRange(lower: 0, upper: 0)
        headSent = false
        bodySent = false
        bodyLength = nil
        retries = 0
        isRecalled = false
        droppedFields = HeaderTokenSet()
        responseReady = false
        responseStarted = false
        responseEnded = false
        holdsResponse = false
        heldBytes = 0
        sentFraming = .none
        sendContinue = false
        responseSent = 0
        isStreaming = false
        streamedOut = 0
        uncredited = 0
        bodyLimit = 0
        budgeted = 0
        screening.reset()
        userState = 0
        sentAt = MonotonicTime(microseconds: 0)
        next = nil
        isQueued = false
    }
}
