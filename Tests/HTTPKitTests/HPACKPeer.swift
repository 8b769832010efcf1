import CNghttp2
import HTTPKit

/// nghttp2's deflater and inflater, the other side in the differential tests.
final class HPACKPeer {
    private var deflater: OpaquePointer?
    private var inflater: OpaquePointer?

    init() {
        precondition(nghttp2_hd_deflate_new(&deflater, 4096) == 0 && nghttp2_hd_inflate_new(&inflater) == 0)
    }

    deinit {
        nghttp2_hd_deflate_del(deflater)
        nghttp2_hd_inflate_del(inflater)
    }

    /// Changes the table of the deflater, at most to the 4096 it was made for.
    func changeDeflater(_ size: Int) { precondition(nghttp2_hd_deflate_change_table_size(deflater, size) == 0) }
    /// Changes what the inflater allows.
    func changeInflater(_ size: Int) { precondition(nghttp2_hd_inflate_change_table_size(inflater, size) == 0) }

    func deflate(_ lines: [(name: [UInt8], value: [UInt8], isNeverIndexed: Bool)]) -> [UInt8] {
        var blocks: [UnsafeMutablePointer<UInt8>] = []
        defer { for block in blocks { block.deallocate() } }
        func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8> {
            let block = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
            for i in bytes.indices { block[i] = bytes[i] }
            blocks.append(block)
            return block
        }
        let fields = lines.map { line in
            nghttp2_nv(
                name: copy(line.name), value: copy(line.value), namelen: line.name.count, valuelen: line.value.count,
                flags: line.isNeverIndexed ? UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) : 0)
        }
        var out = [UInt8](repeating: 0, count: nghttp2_hd_deflate_bound(deflater, fields, fields.count))
        let count = nghttp2_hd_deflate_hd(deflater, &out, out.count, fields, fields.count)
        precondition(count >= 0)
        return Array(out[..<count])
    }

    /// Decodes a whole block.
    /// - Returns: `nil` when nghttp2 refuses it.
    func inflate(_ block: [UInt8]) -> [HPACKLine]? {
        var lines: [HPACKLine] = []
        var at = 0
        while true {
            var field = nghttp2_nv(), flags: Int32 = 0
            let count = block.withUnsafeBufferPointer {
                nghttp2_hd_inflate_hd2(inflater, &field, &flags, $0.baseAddress.map { $0 + at }, $0.count - at, 1)
            }
            guard count >= 0 else { return nil }
            at += count
            if UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue != 0 {
                lines.append(HPACKLine(
                    name: text(.init(start: field.name, count: field.namelen)), value: text(.init(start: field.value, count: field.valuelen))))
            }
            if UInt32(flags) & NGHTTP2_HD_INFLATE_FINAL.rawValue != 0 {
                nghttp2_hd_inflate_end_headers(inflater)
                return lines
            }
            // Without input left and without an end, nothing more can come.
            if at == block.count, UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue == 0 { return nil }
        }
    }
}
