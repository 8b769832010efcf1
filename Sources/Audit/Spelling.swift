import Recipients

/// The fixed pieces of lines that stand for a code. Constants, so that the writer copies bytes and builds no string; the
/// tests hold them against the names that the types themselves give.
enum Spelling {
    static func verdict(_ code: UInt8) -> StaticString {
        switch AuditVerdict(rawValue: code) {
        case .allow: ",\"verdict\":\"allow\""
        case .strip: ",\"verdict\":\"strip\""
        case .reject: ",\"verdict\":\"reject\""
        case .monitor: ",\"verdict\":\"monitor\""
        case .refuse, nil: ",\"verdict\":\"refuse\""
        }
    }

    static func enforcement(_ code: UInt8) -> StaticString {
        code == AuditEnforcement.monitor.rawValue ? ",\"enforcement\":\"monitor\"" : ",\"enforcement\":\"enforce\""
    }

    static func recipientVerdict(_ code: UInt8) -> StaticString {
        switch AuditRecipientVerdict(rawValue: code) {
        case .allow: ",\"verdict\":\"allow\""
        case .block: ",\"verdict\":\"block\""
        case .unreadable, nil: ",\"verdict\":\"unreadable\""
        }
    }

    static func result(_ code: UInt8) -> StaticString {
        switch OutcomeRecord.Result(rawValue: code) {
        case .answered: ",\"result\":\"answered\""
        case .unsent: ",\"result\":\"unsent\""
        case .failed, nil: ",\"result\":\"failed\""
        }
    }

    static func kind(_ kind: IdentifierKind) -> StaticString {
        switch kind {
        case .phone: "phone"
        case .email: "email"
        case .pushToken: "push-token"
        case .postal: "postal"
        case .external: "external"
        }
    }

    /// What stands before the identifier under the HMAC, so that a phone number and an external id never share a name.
    static func keyedPrefix(_ kind: IdentifierKind) -> StaticString {
        switch kind {
        case .phone: "phone:"
        case .email: "email:"
        case .pushToken: "push-token:"
        case .postal: "postal:"
        case .external: "external:"
        }
    }

    static func channel(_ code: UInt8) -> StaticString {
        switch Channel(rawValue: code) {
        case .sms: ",\"channel\":\"sms\""
        case .mms: ",\"channel\":\"mms\""
        case .rcs: ",\"channel\":\"rcs\""
        case .whatsapp: ",\"channel\":\"whatsapp\""
        case .voice: ",\"channel\":\"voice\""
        case .email: ",\"channel\":\"email\""
        case .push: ",\"channel\":\"push\""
        case .mail: ",\"channel\":\"mail\""
        case nil: ""
        }
    }

    static func channelElement(_ code: UInt8) -> StaticString {
        switch Channel(rawValue: code) {
        case .sms: "\"sms\""
        case .mms: "\"mms\""
        case .rcs: "\"rcs\""
        case .whatsapp: "\"whatsapp\""
        case .voice: "\"voice\""
        case .email: "\"email\""
        case .push: "\"push\""
        case .mail: "\"mail\""
        case nil: "\"\""
        }
    }
}
