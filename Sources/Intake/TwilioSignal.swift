import Ledger
import Recipients

/// The fields of an inbound-message webhook that say who wrote what to whom.
struct TwilioSignal {
    let from: String?
    let to: String?
    /// Exactly as written; `nil` when there was no such field or its bytes are no UTF-8.
    let body: String?
    let bodyIsBroken: Bool
    let messageSid: String?
    let accountSid: String?
    let messagingService: String?
    /// STOP, START or HELP, when Advanced Opt-Out recognised it; upper case.
    let optOutType: String?
    let profileName: String?
    /// The message of ours it quotes or answers, on WhatsApp.
    let repliedTo: String?
    let channel: Channel
    /// ``from`` without the channel before it.
    let address: String?
    /// The fields above that came more than once: whoever reads such a form may read another one than we do.
    let repeatedFields: [String]

    init(_ form: FormBody) {
        var repeated: [String] = []
        func single(_ name: String) -> [UInt8]? {
            let values = form.values(name)
            if values.count > 1, Set(values).count > 1 { repeated.append(name) }
            return values.first
        }
        func text(_ name: String) -> String? {
            guard let value = single(name).flatMap({ String(validating: $0, as: UTF8.self) }), !value.isEmpty else { return nil }
            return value.clipped(toBytes: PreferenceEvent.fieldLimit)
        }
        from = text("From")
        to = text("To")
        let raw = single("Body")
        body = raw.flatMap { String(validating: $0, as: UTF8.self) }
        bodyIsBroken = raw != nil && body == nil
        messageSid = text("MessageSid") ?? text("SmsMessageSid") ?? text("SmsSid")
        accountSid = text("AccountSid")
        messagingService = text("MessagingServiceSid")
        optOutType = text("OptOutType")?.uppercased()
        profileName = text("ProfileName")
        repliedTo = text("OriginalRepliedMessageSid")
        let media = text("NumMedia").flatMap { Int($0) } ?? 0
        let colon = from?.firstIndex(of: ":")
        switch (from, colon) {
        case (let from?, let colon?):
            address = String(from[from.index(after: colon)...])
            switch from[..<colon].lowercased() {
            case "whatsapp": channel = .whatsapp
            case "rcs": channel = .rcs
            default: channel = .sms
            }
        default:
            address = from
            channel = media > 0 ? .mms : .sms
        }
        repeatedFields = repeated
    }

    /// The same for every delivery of the message. Without a message id the whole body stands in for it.
    ///
    /// A stop has an id of its own, so that one which older rules did not understand counts when it is delivered again; a start
    /// shares the message's, so that a replay never restores what was settled otherwise.
    func eventID(_ action: EventAction, bodyDigest: String) -> String {
        let isUsable = repeatedFields.isEmpty && [messageSid, accountSid].allSatisfy { $0?.utf8.count ?? 0 <= 200 }
        let message = if isUsable, let messageSid { "\(accountSid ?? ""):\(messageSid)" } else { "body:" + bodyDigest }
        return "twilio:" + message + (action == .optOut ? ":stop" : "")
    }
}
