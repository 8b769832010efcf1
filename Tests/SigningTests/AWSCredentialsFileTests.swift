import Signing
import Testing

@Suite struct AWSCredentialsFileTests {
    static let file = """
        # of the mail team
        [default]
        aws_access_key_id = AKIAONE
        aws_secret_access_key=se/cr+et=1

        [alerts]
        AWS_ACCESS_KEY_ID=AKIATWO
        aws_secret_access_key = two
        aws_session_token = tok

        [elsewhere]
        role_arn = arn:aws:iam::1:role/x
        """

    @Test func takesEveryProfileWithAKey() throws {
        let ring = AWSKeyRing(try AWSCredentialsFile.parse(Self.file))
        #expect(ring.count == 2)
        #expect(ring.credential(Array("AKIAONE".utf8))?.secret == Array("se/cr+et=1".utf8))
        #expect(ring.credential(Array("AKIATWO".utf8))?.sessionToken == Array("tok".utf8))
        #expect(ring.credential(Array("AKIATHREE".utf8)) == nil)
    }

    @Test func takesOneProfile() throws {
        #expect(try AWSCredentialsFile.parse(Self.file, profile: "alerts").map(\.accessKeyID) == [Array("AKIATWO".utf8)])
    }

    @Test(arguments: [
        ("", nil), ("aws_access_key_id = A", nil), ("[a]\nnonsense", nil), ("[a]\naws_access_key_id = A", nil), ("[a]\nx = y", nil),
        (file, "none"), (file, "elsewhere"),
    ])
    func saysWhatIsWrong(_ text: String, _ profile: String?) {
        let problem = #expect(throws: SigningProblem.self) { try AWSCredentialsFile.parse(text, profile: profile) }
        #expect(problem?.description.contains("se/cr") == false)
    }
}
