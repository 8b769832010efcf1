import Testing

@testable import HTTPKit

@Suite struct HeaderTokenTests {
    static let exact = HeaderToken.allCases.filter { ![.other, .xForwardedOther, .stopgateOther].contains($0) }

    @Test(arguments: exact) func everyNameFindsItsToken(token: HeaderToken) {
        let name = token.name.description
        #expect(lookUp(name) == token)
        // One letter off is another name.
        #expect(lookUp(String(name.dropLast()) + "~") != token)
        #expect(lookUp("~" + name.dropFirst()) != token)
        #expect(lookUp(name + "x") != token)
    }

    @Test func familiesGoByPrefix() {
        #expect(lookUp("x-forwarded-port") == .xForwardedOther)
        #expect(lookUp("x-forwarded-") == .xForwardedOther)
        #expect(lookUp("x-forwarded") == .other)
        #expect(lookUp("stopgate-verdict") == .stopgateOther)
        #expect(lookUp("stopgate-program2") == .stopgateOther)
        #expect(lookUp("stopgate") == .other)
    }

    @Test func otherNamesAreOther() {
        for name in ["", "a", "accept", "x-amz-date", "content-language", "x-sg-eid", "hosts", "dat"] {
            #expect(lookUp(name) == .other, "\(name)")
        }
    }

    @Test func aSetHoldsEveryToken() {
        #expect(HeaderToken.allCases.count <= 64)
        var set = HeaderTokenSet()
        for token in HeaderToken.allCases {
            #expect(!set.contains(token))
            set.insert(token)
            #expect(set.contains(token))
        }
    }

    private func lookUp(_ name: String) -> HeaderToken {
        Array(name.utf8).withUnsafeBufferPointer { HeaderToken(lowercased: $0) }
    }
}
