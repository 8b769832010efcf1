import Bytes
import HTTPKit

/// Answers that a service wants whole before anything of them goes to the client.
extension Worker {
    /// Counts what has newly arrived of an answer that is held. The provider may go on at once: nobody else takes the bytes. What
    /// outgrows the limit, or the process's share of memory, goes on as it is.
    func holdResponse(_ exchange: ExchangePointer) {
        let count = exchange.pointee.responseBody.pointee.count - exchange.pointee.heldBytes
        exchange.pointee.heldBytes += count
        exchange.pointee.budgeted += count
        buffered += count
        let fits = bodies.charge(count)
        if let upstream = exchange.pointee.upstream, upstream.pointee.proto == .http2 {
            let wants = upstream.upstreamSession {
                $0.credit(exchange.pointee.upstreamStream, count)
                return $0.wantsWrite
            }
            if wants == true { mark(upstream) }
        }
        if !fits || exchange.pointee.heldBytes > limits.heldResponse { letGo(exchange, isWhole: false) }
    }

    /// Gives the service its say and starts the answer to the client.
    func letGo(_ exchange: ExchangePointer, isWhole: Bool) {
        exchange.pointee.holdsResponse = false
        withService(exchange) { $0.responseComplete(Exchange(exchange), isWhole: isWhole) }
        // The service may have put another body in place: only bytes of the provider's count as its window.
        if isWhole { exchange.pointee.heldBytes = 0 }
        respond(exchange)
    }
}
