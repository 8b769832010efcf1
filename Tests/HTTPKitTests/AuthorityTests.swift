import HTTPKit
import Testing

@Suite struct AuthorityTests {
    private func parse(_ text: String) -> Authority? { wire(text).withUnsafeBufferPointer { Authority($0) } }
    private func same(_ a: String, _ b: String, _ port: UInt16 = 443) -> Bool {
        wire(a).withUnsafeBufferPointer { a in wire(b).withUnsafeBufferPointer { Authority.same(a, $0, defaultPort: port) } }
    }

    @Test func formsThatAreTaken() {
        for (text, host, port) in [
            ("a", 1, nil), ("api.twilio.com", 14, nil), ("api.twilio.com.", 15, nil), ("127.0.0.1:8443", 9, 8443), ("my_host:1", 7, 1),
            ("[::1]", 5, nil), ("[2001:db8::192.0.2.1]:65535", 21, 65535), (String(repeating: "a", count: 253), 253, nil),
        ] as [(String, Int, UInt16?)] {
            #expect(parse(text)?.hostCount == host && parse(text)?.port == port, "\(text)")
        }
    }

    @Test(arguments: [
        "", ":", ":80", "a:", "a:0", "a:65536", "a:100000", "a:+1", "a:8x", "a b", "a/b", "a?b", "u@a", "a\\b", "%61", "a,b", ".a", "[::1", "::1",
        "[]", "[a]", "[::1]x", "[::1]:", "[::g]", "a\u{e9}", "a:80:80", String(repeating: "a", count: 254),
    ]) func formsThatAreRefused(text: String) { #expect(parse(text) == nil) }

    @Test func everyOctetAtEveryPlaceOfANameIsJudgedAlike() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._".utf8)
        for count in [2, 7, 8, 9, 15, 16, 17] {
            for place in 1..<count {
                for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: ":") {
                    var name = [UInt8](repeating: UInt8(ascii: "z"), count: count)
                    name[place] = byte
                    let isTaken = name.withUnsafeBufferPointer { Authority($0)?.hostCount == count }
                    if isTaken != allowed.contains(byte) { Issue.record("\(byte) at \(place) of \(count)") }
                }
            }
        }
    }

    @Test func equalityFoldsCaseAndDefaultPort() {
        #expect(same("Api.Example", "api.example:443") && same("a:80", "A", 80) && same("[::A]", "[::a]:443"))
        #expect(!same("a", "a:80") && !same("a", "b") && !same("a", "a.") && !same("a:1", "a:2") && !same("", ""))
    }
}
