import Adapters
import Bytes
import Testing

@Suite struct ScanBodyFaultTests {
    @Test(arguments: BodyFault.Cause.allCases) func everyCauseExplainsItself(_ cause: BodyFault.Cause) {
        let fault = BodyFault(cause, at: 17)
        let sentence = written { fault.write(into: &$0) }
        #expect(sentence.hasSuffix(", at byte 17."))
        #expect(sentence.utf8.count > ", at byte 17.".utf8.count + 10)
        #expect(sentence == fault.description)
        #expect([400, 413, 415].contains(fault.status))
    }

    @Test func sentencesDiffer() {
        let sentences = BodyFault.Cause.allCases.map { "\($0.sentence)" }
        #expect(Set(sentences).count == sentences.count)
    }

    @Test func aDuplicateNamesBothPlaces() {
        let fault = BodyFault(.duplicateKey, at: 120, earlier: 10)
        #expect(written { fault.write(into: &$0) }.hasSuffix(", at byte 120 (first at byte 10)."))
        #expect(fault.description == written { fault.write(into: &$0) })
    }

    @Test(arguments: [
        (GzipFault.corrupt, BodyFault(.gzipCorrupt, at: 0)), (.truncated, BodyFault(.gzipTruncated, at: 0)),
        (.trailingBytes(offset: 30), BodyFault(.gzipTrailingBytes, at: 30)), (.tooLong(limit: 99), BodyFault(.gzipTooLong, at: 99)),
        (.ratio, BodyFault(.gzipRatio, at: 0)),
    ])
    func gzip(_ fault: GzipFault, _ expected: BodyFault) { #expect(BodyFault(fault) == expected) }
}
