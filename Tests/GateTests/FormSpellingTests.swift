import Adapters
import Bytes
import Gate
import Recipients
import Testing

/// One call as JSON, as a form and in parts.
@Suite struct FormSpellingTests {
    private static let form = "application/x-www-form-urlencoded"
    private static let parts = "multipart/form-data; boundary=b"

    private func inspect(_ endpoint: Endpoint, _ type: String, _ body: String, query: String = "") -> String {
        var inspector = Fixture.inspector()
        let bytes = Array(body.utf8), type = Array(type.utf8), query = Array(query.utf8)
        let verdict = inspector.inspect(
            endpoint, contentType: type.span, query: query.span, body: bytes.span, isSigned: false, suppressions: Fixture.suppressed)
        switch verdict {
        case .allow: break
        case .reject: return "reject"
        case .refuse(let cause): return "refuse \(cause.label)"
        case .strip:
            var out = GrowableBytes()
            inspector.appendRewritten(bytes.span, into: &out)
            return String(decoding: out.array, as: UTF8.self)
        }
        var times = GrowableBytes()
        if inspector.isScheduled { inspector.appendScheduled(endpoint, bytes.span, into: &times) }
        return times.count == 0 ? "allow" : "allow \(String(decoding: times.array, as: UTF8.self))"
    }

    private func body(_ parts: [(String, String)]) -> String {
        parts.map { "--b\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n" }.joined() + "--b--\r\n"
    }

    private func letter(_ formats: [EndpointSpec.Format] = [.json, .form, .multipart], _ change: (inout EndpointSpec) -> Void = { _ in }) throws -> Endpoint {
        try LanguageFixture.endpoint(
            channels: [.mail], mode: .single,
            [
                LanguageFixture.slot("to", .external) { $0.opaque = .allow }, LanguageFixture.mail("to.email"),
            ]
        ) {
            $0.formats = formats
            $0.data = ["to.name", "from", "merge_variables"]
            $0.overrides = [OverrideSpec(at: "options.force", value: nil, policy: .reject)]
            $0.scheduled = ScheduledSpec(at: ["options.send_at"], policy: .allow)
            change(&$0)
        }
    }

    @Test func theSamePlacesInEveryFormat() throws {
        for formats: [EndpointSpec.Format] in [[.json, .form, .multipart], [.form, .json, .multipart], [.multipart, .form, .json]] {
            let endpoint = try letter(formats)
            #expect(inspect(endpoint, "application/json", #"{"to":{"name":"gone@example.com","email":"ann@example.com"}}"#) == "allow")
            #expect(inspect(endpoint, "application/json", #"{"to":{"email":"gone@example.com"}}"#) == "reject")
            #expect(inspect(endpoint, "application/json", #"{"to":"adr_1"}"#) == "allow")
            for encoded in [false, true] {
                func field(_ name: String) -> String { encoded ? name.replacing("[", with: "%5B").replacing("]", with: "%5d") : name }
                #expect(inspect(endpoint, Self.form, "\(field("to[name]"))=gone%40example.com&\(field("to[email]"))=ann%40example.com") == "allow")
                #expect(inspect(endpoint, Self.form, "\(field("to[email]"))=gone@example.com") == "reject")
                #expect(inspect(endpoint, Self.form, "\(field("merge_variables[x][y]"))=gone@example.com&to=adr_1") == "allow")
                #expect(inspect(endpoint, Self.form, "to=adr_1&\(field("options[force]"))=1") == "refuse override-forbidden")
                #expect(inspect(endpoint, Self.form, "to=adr_1&\(field("options[send_at]"))=2030-01-01") == "allow 2030-01-01")
            }
            #expect(inspect(endpoint, Self.parts, body([("to[email]", "ann@example.com"), ("from[email]", "gone@example.com")])) == "allow")
            #expect(inspect(endpoint, Self.parts, body([("to[email]", "gone@example.com")])) == "reject")
            #expect(inspect(endpoint, Self.parts, body([("to", "adr_1"), ("options[send_at]", "2030-01-01")])) == "allow 2030-01-01")
            #expect(inspect(endpoint, "application/json", #"{"to":"adr_1","options":{"send_at":"2030-01-01"}}"#) == "allow 2030-01-01")
        }
    }

    /// The format is what the Content-Type says, whatever the body looks like.
    @Test func theContentTypeDecides() throws {
        let endpoint = try letter()
        #expect(inspect(endpoint, Self.form, #"{"to":{"email":"ann@example.com"}}"#).hasPrefix("refuse"))
        #expect(inspect(endpoint, "application/json", "to[email]=ann@example.com") == "refuse body-malformed")
        #expect(inspect(endpoint, "text/plain", "to[email]=ann@example.com") == "refuse content-type-unexpected")
        #expect(inspect(endpoint, "multipart/form-data", body([("to[email]", "ann@example.com")])).hasPrefix("refuse"))
    }

    @Test func aPlaceIsATextOrHasFieldsBelowIt() throws {
        let endpoint = try letter()
        for other in ["to[email]=ann@example.com", "to[name]=Ann", "to%5Bname%5D=Ann"] {
            #expect(inspect(endpoint, Self.form, "to=adr_1&\(other)") == "refuse name-misspelt", "\(other)")
            #expect(inspect(endpoint, Self.form, "\(other)&to=adr_1") == "refuse name-misspelt", "\(other)")
            #expect(inspect(endpoint, Self.form, other, query: "to=adr_1") == "refuse name-misspelt", "\(other)")
            #expect(inspect(endpoint, Self.form, "to=adr_1", query: other) == "refuse name-misspelt", "\(other)")
            #expect(inspect(endpoint, Self.parts, body([("to", "adr_1")]), query: other) == "refuse name-misspelt", "\(other)")
        }
        #expect(inspect(endpoint, Self.parts, body([("to[name]", "Ann"), ("to", "adr_1")])) == "refuse name-misspelt")
        #expect(inspect(endpoint, Self.form, "to=adr_1&to=adr_2") == "refuse recipient-repeated")
        #expect(inspect(endpoint, Self.form, "to[name]=Ann") == "refuse recipient-missing")
        // JSON has one value in one place; another type than both is neither.
        #expect(inspect(endpoint, "application/json", #"{"to":"adr_1","to":{"email":"ann@example.com"}}"#) == "refuse name-repeated")
        #expect(inspect(endpoint, "application/json", #"{"to":{"name":"Ann"}}"#) == "refuse recipient-missing")
        #expect(inspect(endpoint, "application/json", #"{"to":{"email":7}}"#) == "refuse recipient-mistyped")
        // The spellings of the other format are no names of this one.
        #expect(inspect(endpoint, Self.form, "to.email=ann@example.com&to[email]=ann@example.com") == "refuse name-misspelt")
        #expect(inspect(endpoint, Self.form, "to[Email]=ann@example.com&to[email]=bob@example.com") == "refuse name-misspelt")
        #expect(inspect(endpoint, "application/json", #"{"to[email]":"gone@example.com","to":"adr_1"}"#) == "refuse suppressed-elsewhere")
    }

    @Test func listsAreRepeatedFields() throws {
        let endpoint = try LanguageFixture.endpoint([
            LanguageFixture.phone("to") { $0.list = .comma }, LanguageFixture.phone("to[*]"),
        ]) {
            $0.formats = [.json, .form]
            $0.strip = [StripSpec(remove: "to[*]", whenEmpty: .remove("to")), StripSpec(remove: "to", whenEmpty: .reject)]
        }
        #expect(inspect(endpoint, "application/json", #"{"to":["+14155550100","+14155550142"]}"#) == #"{"to":["+14155550142"]}"#)
        #expect(inspect(endpoint, Self.form, "to=%2B14155550100,%2B14155550142") == "to=%2B14155550142")
        #expect(inspect(endpoint, Self.form, "to[]=%2B14155550100&x=1&to[]=%2B14155550142") == "x=1&to[]=%2B14155550142")
        #expect(inspect(endpoint, Self.form, "to[]=%2B14155550100") == "reject")
        #expect(inspect(endpoint, Self.form, "to=%2B14155550142&to[]=%2B14155550100") == "refuse name-misspelt")
        #expect(inspect(endpoint, Self.form, "to[0]=%2B14155550142") == "refuse name-misspelt")
    }

    /// One address in several members or fields.
    @Test func addressesInParts() throws {
        var to = RecipientSpec(at: "to", kind: .postal, required: false)
        to.parts = [RecipientSpec.Part("name", isOptional: true), RecipientSpec.Part("line"), RecipientSpec.Part("zip")]
        let endpoint = try LanguageFixture.endpoint(channels: [.mail], mode: .single, [LanguageFixture.slot("to", .external) { $0.opaque = .allow }, to]) {
            $0.formats = [.json, .form, .multipart]
            $0.data = ["to.city"]
        }
        #expect(inspect(endpoint, "application/json", #"{"to":{"name":"Gone, G.","line":"1 Main St","zip":94107,"city":"X"}}"#) == "reject")
        #expect(inspect(endpoint, "application/json", #"{"to":{"name":null,"line":"1 Main St","zip":"94107"}}"#) == "allow")
        #expect(inspect(endpoint, "application/json", #"{"to":{"name":{},"line":"1 Main St","zip":"94107"}}"#) == "refuse recipient-mistyped")
        #expect(inspect(endpoint, "application/json", #"{"to":{"city":"X"}}"#) == "refuse recipient-missing")
        #expect(inspect(endpoint, "application/json", #"{"to":{"line":" ,","zip":"94107"}}"#) == "refuse recipient-missing")
        #expect(inspect(endpoint, "application/json", #"{"to":"adr_1"}"#) == "allow")
        let gone = [("to[zip]", "94107"), ("to[line]", "1 Main St"), ("to[name]", "Gone G")], street = "to[line]=1+Main+St&to[zip]=94107"
        func form(_ fields: [(String, String)]) -> String { fields.map { "\($0)=\($1.replacing(" ", with: "+"))" }.joined(separator: "&") }
        #expect(inspect(endpoint, Self.form, form(gone)) == "reject")
        #expect(inspect(endpoint, Self.parts, body(gone)) == "reject")
        #expect(inspect(endpoint, Self.form, street) == "allow")
        // A field may be in the query, too: the address is all of them.
        #expect(inspect(endpoint, Self.form, street, query: "to%5Bname%5D=Gone+G") == "reject")
        #expect(inspect(endpoint, Self.parts, body(Array(gone[..<2])), query: "to[name]=Gone%20G") == "reject")
        #expect(inspect(endpoint, Self.form, street, query: "to[line]=x") == "refuse recipient-repeated")
        #expect(inspect(endpoint, Self.form, "to[line]=x&to[line]=1+Main+St&to[zip]=94107") == "refuse recipient-repeated")
        #expect(inspect(endpoint, Self.form, "to[line]=1+Main+St") == "refuse recipient-missing")
        #expect(inspect(endpoint, Self.form, "\(street)&to[Name]=Gone+G") == "refuse name-misspelt")
        #expect(inspect(endpoint, Self.form, "\(street)&to.name=Gone+G") == "refuse name-misspelt")
        #expect(inspect(endpoint, Self.form, "\(street)&to[name][]=Gone+G") == "refuse name-misspelt")
        #expect(inspect(endpoint, Self.form, "\(street)&to=adr_1") == "refuse name-misspelt")
        func problem(_ formats: [EndpointSpec.Format], _ mode: EndpointSpec.Mode, _ change: (inout RecipientSpec) -> Void) -> String? {
            var spec = to
            change(&spec)
            do {
                _ = try LanguageFixture.endpoint(channels: [.mail], mode: mode, [spec]) { $0.formats = formats }
                return nil
            } catch { return (error as? AdapterProblem)?.path }
        }
        #expect(problem([.form], .single) { _ in } == nil)
        let place = "endpoints[0].recipients[0]"
        #expect(problem([.form], .fanout) { _ in } == "\(place).parts")
        #expect(problem([.json], .fanout) { _ in } == "\(place).at")
        #expect(problem([.json], .single) { $0.kind = .email } == "\(place).parts")
        #expect(problem([.json], .single) { $0.location = .query } == "\(place).parts")
        #expect(problem([.json], .single) { $0.parts = [RecipientSpec.Part("name", isOptional: true)] } == "\(place).parts")
        #expect(problem([.json], .single) { $0.parts = (0..<7).map { RecipientSpec.Part("p\($0)") } } == "\(place).parts")
        #expect(problem([.json], .single) { $0.parts.append(RecipientSpec.Part("zip")) } == "\(place).parts[3]")
        #expect(problem([.json], .single) { $0.parts[0].name = "a.b" } == "\(place).parts[0]")
    }

    @Test func whatFormsCannotSpellIsAMistake() {
        func problem(_ change: (inout EndpointSpec) -> Void) -> String? {
            do {
                _ = try letter([.json, .form], change)
                return nil
            } catch { return (error as? AdapterProblem)?.path }
        }
        #expect(problem { _ in } == nil)
        #expect(problem { $0.data = ["cards[*].id"] } == "endpoints[0].data[0]")
        #expect(problem { $0.data = ["cards.{*}"] } == "endpoints[0].data[0]")
        #expect(problem { $0.recipients[1].at = "to[*].email" } == "endpoints[0].recipients[1].at")
        #expect(problem { $0.recipients[1].at = "to[#]" } == "endpoints[0].recipients[1].at")
        #expect(problem { $0.scheduled?.at = ["x[*].at"] } == "endpoints[0].scheduled.at[0]")
    }
}
