import Adapters
import Gate
import Recipients
import Testing

/// Every kind of place the adapter language knows in a JSON body. +14155550100 and gone@example.com have opted out.
@Suite struct JSONPlacesTests {
    typealias L = LanguageFixture

    @Test func theBodyMayBeAList() throws {
        let endpoint = try L.endpoint([L.phone("[*].To")]) { $0.strip = [StripSpec(remove: "[*]", whenEmpty: .reject)] }
        #expect(L.outcome(endpoint, #"[{"To":"+14155550111"},{"To":"+14155550112"}]"#) == "allow")
        #expect(L.outcome(endpoint, #"[{"To":"+14155550111"}, {"To":"+14155550100"} ,{"To":"+14155550112"}]"#) == #"[{"To":"+14155550111"} ,{"To":"+14155550112"}]"#)
        #expect(L.outcome(endpoint, #"[{"To":"+14155550100"}]"#) == "reject")
        #expect(L.outcome(endpoint, "[]") == "refuse recipient-missing")
        #expect(L.outcome(endpoint, #"[{"to":"+14155550111"}]"#) == "refuse name-misspelt")
        #expect(L.outcome(endpoint, #"{"To":"+14155550111"}"#) == "refuse recipient-mistyped")
        #expect(L.outcome(endpoint, #"[null]"#) == "refuse recipient-mistyped")
    }

    @Test func aTextOrAListOfTexts() throws {
        let endpoint = try L.endpoint([L.phone("to"), L.phone("to[*]")]) { $0.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)] }
        #expect(L.outcome(endpoint, #"{"to":"+14155550111"}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":14155550111}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":"+14155550100"}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"to":14155550100}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"to":["+14155550100", "+14155550111"]}"#) == #"{"to":["+14155550111"]}"#)
        #expect(L.outcome(endpoint, #"{"to":["+14155550100"]}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"to":[["+14155550111"]]}"#) == "refuse recipient-mistyped")
        #expect(L.outcome(endpoint, #"{"to":{"x":"+14155550111"}}"#) == "refuse recipient-mistyped")
        #expect(L.outcome(endpoint, #"{"to":true}"#) == "refuse recipient-mistyped")
    }

    @Test func aTextOrAnObject() throws {
        let endpoint = try L.endpoint(channels: [.email], [L.mail("recipients[*].address"), L.mail("recipients[*].address.email")]) {
            $0.strip = [StripSpec(remove: "recipients[*]", whenEmpty: .reject)]
            $0.data = ["recipients[*].address.name"]
        }
        #expect(L.outcome(endpoint, #"{"recipients":[{"address":"a@example.com"},{"address":{"email":"b@example.com","name":"B"}}]}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"recipients":[{"address":"gone@example.com"},{"address":{"email":"b@example.com"}}]}"#) == #"{"recipients":[{"address":{"email":"b@example.com"}}]}"#)
        #expect(L.outcome(endpoint, #"{"recipients":[{"address":"a@example.com"},{"address":{"email":"gone@example.com"}}]}"#) == #"{"recipients":[{"address":"a@example.com"}]}"#)
        // An item that holds nobody is somebody we cannot read.
        #expect(L.outcome(endpoint, #"{"recipients":[{"address":"a@example.com"},{"address":{"name":"B"}}]}"#) == "refuse recipient-missing")
        #expect(L.outcome(endpoint, #"{"recipients":[{"address":"a@example.com"},{}]}"#) == "refuse recipient-missing")
        #expect(L.outcome(endpoint, #"{"recipients":[{"address":{"Email":"b@example.com"}}]}"#) == "refuse name-misspelt")
    }

    @Test func keysOfAMap() throws {
        let endpoint = try L.endpoint([L.phone("Message.Addresses.{*}", required: true)]) {
            $0.strip = [StripSpec(remove: "Message.Addresses.{*}", whenEmpty: .reject)]
            $0.data = ["Message.Addresses.{*}.ChannelType", "Message.Body"]
        }
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":{"+14155550111":{"ChannelType":"SMS"}}}}"#) == "allow")
        #expect(
            L.outcome(endpoint, #"{"Message":{"Addresses":{"+14155550100":{}, "+14155550111":{"ChannelType":"SMS"}}}}"#)
                == #"{"Message":{"Addresses":{"+14155550111":{"ChannelType":"SMS"}}}}"#)
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":{"+14155550111":{},"\u002b14155550100":{}}}}"#) == #"{"Message":{"Addresses":{"+14155550111":{}}}}"#)
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":{"+14155550100":{}}}}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":{}}}"#) == "refuse recipient-missing")
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":{"nobody":{}}}}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":["+14155550111"]}}"#) == "refuse recipient-mistyped")
        // The values are searched like anything unknown.
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":{"+14155550111":{"Cc":"+14155550100"}}}}"#) == "refuse suppressed-elsewhere")
        #expect(L.outcome(endpoint, #"{"Message":{"Addresses":{"+14155550111":"+14155550100"}}}"#) == "refuse suppressed-elsewhere")
    }

    @Test func anyKeyOnTheWay() throws {
        let endpoint = try L.endpoint(mode: .group, [L.phone("groups.{*}.numbers[*]")])
        #expect(L.outcome(endpoint, #"{"groups":{"a":{"numbers":["+14155550111"]},"b":{"numbers":["+14155550112"]}}}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"groups":{"a":{"numbers":["+14155550111"]},"b":{"numbers":["+14155550100"]}}}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"groups":{"a":{"number":["+14155550111"]}}}"#) == "refuse recipient-missing")
        #expect(L.outcome(endpoint, #"{"groups":{"+14155550100":{"numbers":["+14155550111"]}}}"#) == "refuse suppressed-elsewhere")
    }

    @Test func membersKeyedByTheRecipientGoWithIt() throws {
        let whatsapp = PrefixSpec(text: "whatsapp:", meaning: .channels([.whatsapp]))
        let endpoint = try L.endpoint([L.phone("to[*]", required: true) { $0.prefixes = [whatsapp] }]) {
            $0.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject, with: ["parameters.{*}.{recipient}"])]
            $0.data = ["body", "parameters"]
        }
        #expect(
            L.outcome(endpoint, #"{"to":["14155550100","+14155550111"],"parameters":{"name":{"+14155550100":"Ann","14155550111":"Bob","default":"you"},"code":{"14155550100":"1"}}}"#)
                == #"{"to":["+14155550111"],"parameters":{"name":{"14155550111":"Bob","default":"you"},"code":{}}}"#)
        #expect(L.outcome(endpoint, #"{"to":["+14155550111"],"parameters":{"name":{"14155550111":"Bob"}}}"#) == "allow")
        // Stopped on another channel than this send's: whoever stays keeps what is personal.
        #expect(
            L.outcome(endpoint, #"{"to":["14155550100","+14155550199"],"parameters":{"name":{"14155550199":"Cy","14155550100":"Ann"}}}"#)
                == #"{"to":["+14155550199"],"parameters":{"name":{"14155550199":"Cy"}}}"#)
        // Nobody is sent to: what names them is data like any other.
        #expect(L.outcome(endpoint, #"{"to":["+14155550111"],"parameters":{"name":{"14155550100":"Ann"}}}"#) == "allow")
    }

    @Test func idsOfTheProvider() throws {
        func endpoint(_ policy: OpaquePolicy) throws -> Endpoint {
            try L.endpoint(mode: .single, [L.phone("to"), L.slot("list_id", .external) { $0.opaque = policy }])
        }
        let allow = try endpoint(.allow), reject = try endpoint(.reject)
        #expect(L.outcome(allow, #"{"list_id":"L-17"}"#) == "allow")
        #expect(L.outcome(allow, #"{"list_id":4711}"#) == "allow")
        #expect(L.outcome(allow, #"{"list_id":["a","b"]}"#) == "allow")
        #expect(L.outcome(allow, #"{"list_id":null}"#) == "refuse recipient-missing")
        #expect(L.outcome(allow, #"{"to":"+14155550100","list_id":"L-17"}"#) == "reject")
        // Whatever the adapter says it is: it reads as somebody who has opted out.
        #expect(L.outcome(allow, #"{"list_id":"+14155550100"}"#) == "refuse suppressed-elsewhere")
        #expect(L.outcome(allow, #"{"list_id":14155550100}"#) == "refuse suppressed-elsewhere")
        #expect(L.outcome(allow, #"{"list_id":[{"value":"+14155550100"}]}"#) == "refuse suppressed-elsewhere")
        #expect(L.outcome(reject, #"{"list_id":"L-17"}"#) == "refuse recipient-opaque")
        #expect(L.outcome(reject, #"{"list_id":null,"to":"+14155550111"}"#) == "allow")
    }

    @Test func idsAmongNumbers() throws {
        func endpoint(_ policy: OpaquePolicy?) throws -> Endpoint {
            try L.endpoint([L.phone("to[*]") { $0.otherwise = policy }]) { $0.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)] }
        }
        let allow = try endpoint(.allow), reject = try endpoint(.reject), neither = try endpoint(nil)
        #expect(L.outcome(allow, #"{"to":["+14155550111","01FC66621XXXXX119Z8PMV1QPQ"]}"#) == "allow")
        #expect(L.outcome(allow, #"{"to":["+14155550100","01FC66621XXXXX119Z8PMV1QPQ"]}"#) == #"{"to":["01FC66621XXXXX119Z8PMV1QPQ"]}"#)
        #expect(L.outcome(reject, #"{"to":["+14155550111","01FC66621XXXXX119Z8PMV1QPQ"]}"#) == "refuse recipient-opaque")
        #expect(L.outcome(neither, #"{"to":["+14155550111","01FC66621XXXXX119Z8PMV1QPQ"]}"#) == "refuse recipient-malformed")
        // A number with something around it is not an id that nobody can read.
        #expect(L.outcome(allow, #"{"to":["tel:+14155550100"]}"#) == "reject")
        #expect(L.outcome(allow, #"{"to":["sip:+14155550100"]}"#) == "refuse recipient-malformed")
        #expect(L.outcome(allow, #"{"to":["\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff10\uff10"]}"#) != "allow")
        #expect(L.outcome(allow, #"{"to":["gone@example.com"]}"#) == "refuse suppressed-elsewhere")
        #expect(L.outcome(allow, #"{"to":["ann@example.com"]}"#) == "allow")
    }

    @Test func eitherKind() throws {
        let endpoint = try L.endpoint(channels: [.sms, .email], mode: .group, [L.slot("to", nil, true)])
        #expect(L.outcome(endpoint, #"{"to":"a@example.com"}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111"}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":14155550100}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"to":"+14155550100"}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"to":"gone@example.com"}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"to":"gone＠example.com"}"#) == "refuse recipient-malformed")
    }

    @Test func channelsOfASlot() throws {
        let endpoint = try L.endpoint(channels: [.email], mode: .group, [L.mail("to"), L.phone("sms_to") { $0.channels = [.voice] }])
        #expect(L.outcome(endpoint, #"{"sms_to":"+14155550197"}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"sms_to":"+14155550198"}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":"gone@example.com"}"#) == "reject")
    }

    @Test func oneOfSeveralPlaces() throws {
        let endpoint = try L.endpoint(
            mode: .group, [L.phone("to[*]"), L.slot("group_ids[*]", .external) { $0.opaque = .allow }, L.phone("copy")]
        ) { $0.requireOneOf = [["to", "group_ids"]] }
        #expect(L.outcome(endpoint, #"{"to":["+14155550111"]}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"group_ids":["G1"]}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":[],"group_ids":["G1"]}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"copy":"+14155550111"}"#) == "refuse recipient-missing")
        #expect(L.outcome(endpoint, #"{"to":[],"group_ids":[]}"#) == "refuse recipient-missing")
    }

    @Test func nobodyInAnOptionalPlace() throws {
        let endpoint = try L.endpoint(channels: [.email], mode: .group, [L.mail("To", required: true), L.mail("Cc"), L.mail("Bcc[*]")])
        #expect(L.outcome(endpoint, #"{"To":"a@example.com","Cc":"","Bcc":null}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"To":"a@example.com","Cc":null,"Bcc":[]}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"To":"","Cc":"a@example.com"}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"To":null,"Cc":"a@example.com"}"#) == "refuse recipient-missing")
        #expect(L.outcome(endpoint, #"{"To":"a@example.com","Bcc":[""]}"#) == "refuse recipient-malformed")
    }

    @Test func anEmptyListMayStay() throws {
        let endpoint = try L.endpoint(channels: [.email], [L.mail("to[*]"), L.mail("cc[*]")]) {
            $0.strip = [StripSpec(remove: "to[*]", whenEmpty: .keep), StripSpec(remove: "cc[*]", whenEmpty: .keep)]
        }
        #expect(L.outcome(endpoint, #"{"to":["gone@example.com"],"cc":["a@example.com"]}"#) == #"{"to":[],"cc":["a@example.com"]}"#)
        #expect(L.outcome(endpoint, #"{"to":["gone@example.com"],"cc":["gone@example.com"]}"#) == "reject")
    }

    @Test func numbersNobodyDeclared() throws {
        let endpoint = try L.endpoint(mode: .single, [L.phone("to", required: true)]) { $0.data = ["at"] }
        #expect(L.outcome(endpoint, #"{"to":14155550111,"copy":14155550100}"#) == "refuse suppressed-elsewhere")
        #expect(L.outcome(endpoint, #"{"to":14155550111,"more":[{"x":14155550100}]}"#) == "refuse suppressed-elsewhere")
        #expect(L.outcome(endpoint, #"{"to":14155550111,"copy":14155550112,"n":-1,"f":1.5,"e":1e9}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":14155550111,"at":14155550100}"#) == "allow")
    }

    @Test func switchesWithAValue() throws {
        let endpoint = try L.endpoint(mode: .single, [L.phone("to")]) {
            $0.overrides = [OverrideSpec(at: "riskCheck", value: "disable", policy: .reject), OverrideSpec(at: "bypass", policy: .reject)]
        }
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","riskCheck":"enable"}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","riskCheck":"disable"}"#) == "refuse override-forbidden")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","riskCheck":"Disabl\u0065"}"#) == "refuse override-forbidden")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","riskCheck":" disable "}"#) == "refuse override-forbidden")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","riskCheck":["disable"]}"#) == "refuse override-forbidden")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","RiskCheck":"disable"}"#) == "refuse name-misspelt")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","bypass":false}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111","bypass":1}"#) == "refuse override-forbidden")
    }
}
