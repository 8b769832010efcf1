import Bytes
import HTTPKit
import Testing

/// The examples of RFC 7541 appendix C.
@Suite struct HPACKExampleTests {
    /// One connection's blocks, in hexadecimal, and what they say.
    struct Example: Sendable, CustomTestStringConvertible {
        let section: String
        var tableSize = 4096
        let blocks: [(wire: String, lines: String)]
        var testDescription: String { section }
    }

    static let cached = """
        cache-control: private
        date: Mon, 21 Oct 2013 20:13:21 GMT
        location: https://www.example.com
        """
    static let requests = [
        ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com",
        ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
        ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value",
    ]
    static let responses = [
        ":status: 302\n" + cached, ":status: 307\n" + cached,
        """
        :status: 200
        cache-control: private
        date: Mon, 21 Oct 2013 20:13:22 GMT
        location: https://www.example.com
        content-encoding: gzip
        set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1
        """,
    ]

    static let examples = [
        Example(section: "C.2.1", blocks: [("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header")]),
        Example(section: "C.2.2", blocks: [("040c2f73616d706c652f70617468", ":path: /sample/path")]),
        Example(section: "C.2.3", blocks: [("100870617373776f726406736563726574", "password: secret")]),
        Example(section: "C.2.4", blocks: [("82", ":method: GET")]),
        Example(section: "C.3", blocks: [
            ("828684410f7777772e6578616d706c652e636f6d", requests[0]),
            ("828684be58086e6f2d6361636865", requests[1]),
            ("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", requests[2]),
        ]),
        Example(section: "C.4", blocks: [
            ("828684418cf1e3c2e5f23a6ba0ab90f4ff", requests[0]),
            ("828684be5886a8eb10649cbf", requests[1]),
            ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", requests[2]),
        ]),
        Example(section: "C.5", tableSize: 256, blocks: [
            (
                "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e"
                    + "6578616d706c652e636f6d", responses[0]
            ),
            ("4803333037c1c0bf", responses[1]),
            (
                "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157"
                    + "454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31", responses[2]
            ),
        ]),
        Example(section: "C.6", tableSize: 256, blocks: [
            ("488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3", responses[0]),
            ("4883640effc1c0bf", responses[1]),
            (
                "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab27"
                    + "0fb5291f9587316065c003ed4ee5b1063d5007", responses[2]
            ),
        ]),
    ]

    @Test(arguments: examples) func decodes(example: Example) throws {
        var decoder = HPACKDecoder(tableSize: example.tableSize)
        for block in example.blocks {
            let lines = try decoder.lines(bytes(hexadecimal: block.wire))
            #expect(lines.map { "\($0.name): \($0.value)" }.joined(separator: "\n") == block.lines)
        }
    }
}
