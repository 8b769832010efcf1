import CNghttp2
import Glibc

/// The allocator that one worker lends to its HTTP/2 sessions: free lists by size, no lock, no malloc in steady state.
/// Measured on the throw-away engine: 6 % fewer instructions per request than malloc.
final class H2Memory {
    /// Class `k` holds blocks of `32 << k` bytes including the header; larger blocks go to malloc.
    private static let classes = 8
    private static let header = 16
    private static let chunkSize = 64 << 10
    private static let oversize = UInt64.max

    private struct State {
        var free: InlineArray<8, UnsafeMutableRawPointer?> = .init(repeating: nil)
        var chunk: UnsafeMutableRawPointer?
        var left = 0
    }

    private let state: UnsafeMutablePointer<State>
    private var chunks: [UnsafeMutableRawPointer] = []
    let table: UnsafeMutablePointer<nghttp2_mem>

    init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        table = .allocate(capacity: 1)
        table.initialize(to: nghttp2_mem())
        table.pointee = nghttp2_mem(
            mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
            malloc: { size, context in H2Memory.of(context) { $0.allocate(size) } },
            free: { block, context in H2Memory.of(context) { $0.release(block) } },
            calloc: { count, size, context in
                let (total, overflow) = count.multipliedReportingOverflow(by: size)
                guard !overflow, let block = H2Memory.of(context, { $0.allocate(total) }) else { return nil }
                return memset(block, 0, total)
            },
            realloc: { block, size, context in H2Memory.of(context) { $0.reallocate(block, size) } })
    }

    /// Every session that used this memory is gone by then; the owner sees to it.
    deinit {
        for chunk in chunks { free(chunk) }
        table.deallocate()
        state.deallocate()
    }

    @inline(__always)
    private static func of<R>(_ context: UnsafeMutableRawPointer?, _ body: (H2Memory) -> R) -> R {
        Unmanaged<H2Memory>.fromOpaque(context.unsafelyUnwrapped)._withUnsafeGuaranteedRef(body)
    }

    private func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        let need = size + Self.header
        guard need <= 32 << (Self.classes - 1) else {
            guard let block = malloc(need) else { return nil }
            block.storeBytes(of: Self.oversize, as: UInt64.self)
            block.storeBytes(of: UInt64(size), toByteOffset: 8, as: UInt64.self)
            return block + Self.header
        }
        let k = need <= 32 ? 0 : 59 - (need - 1).leadingZeroBitCount
        if let block = state.pointee.free[k] {
            state.pointee.free[k] = block.load(fromByteOffset: Self.header, as: UnsafeMutableRawPointer?.self)
            return block + Self.header
        }
        let blockSize = 32 << k
        if state.pointee.left < blockSize {
            guard let chunk = malloc(Self.chunkSize) else { return nil }
            chunks.append(chunk)
            state.pointee.chunk = chunk
            state.pointee.left = Self.chunkSize
        }
        guard let block = state.pointee.chunk else { return nil }
        state.pointee.chunk = block + blockSize
        state.pointee.left -= blockSize
        block.storeBytes(of: UInt64(k), as: UInt64.self)
        return block + Self.header
    }

    private func release(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer else { return }
        let block = pointer - Self.header
        let k = block.load(as: UInt64.self)
        if k == Self.oversize {
            free(block)
            return
        }
        pointer.storeBytes(of: state.pointee.free[Int(k)], as: UnsafeMutableRawPointer?.self)
        state.pointee.free[Int(k)] = block
    }

    private func reallocate(_ pointer: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer? {
        guard let pointer else { return allocate(size) }
        let block = pointer - Self.header
        let k = block.load(as: UInt64.self)
        let usable = k == Self.oversize
            ? Int(block.load(fromByteOffset: 8, as: UInt64.self)) : (32 << Int(k)) - Self.header
        if size <= usable { return pointer }
        guard let larger = allocate(size) else { return nil }
        memcpy(larger, pointer, usable)
        release(pointer)
        return larger
    }
}
