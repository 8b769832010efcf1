/// A kind of send. Every field has the value that a small, ordinary send has.
struct RequestKind: Codable {
    enum Provider: String, Codable { case twilio, messagebird, sendgrid, postmark, resend, mailgun }

    var provider: Provider = .twilio
    /// How often it comes, relative to the other kinds of the scenario.
    var weight = 1.0
    /// How many people it is for; a text message by Twilio is always for one.
    var recipients = 1
    /// Bytes of the body, at least.
    var size = 0
    /// The share of recipients that are suppressed.
    var suppressed = 0.0

    enum CodingKeys: String, CodingKey { case provider, weight, recipients, size, suppressed }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        provider = try values.decodeIfPresent(Provider.self, forKey: .provider) ?? provider
        weight = try values.decodeIfPresent(Double.self, forKey: .weight) ?? weight
        recipients = try values.decodeIfPresent(Int.self, forKey: .recipients) ?? recipients
        size = try values.decodeIfPresent(Int.self, forKey: .size) ?? size
        suppressed = try values.decodeIfPresent(Double.self, forKey: .suppressed) ?? suppressed
    }
}
