/// Requests as the providers' SDKs write them.
enum Sample {
    /// A text message, 141 bytes.
    static let form = Array(
        "To=%2B14155550111&From=%2B14155550000&Body=Your+order+8821+is+on+its+way.+Track+it+at+https%3A%2F%2Fshop.example%2Ft%2F8821&StatusCallback=no".utf8)

    /// A text message with an order number, a time and a customer number in fields no adapter knows.
    static let digits = Array("To=%2B14155550111&Body=Hi&Order=1000288127&Time=1795212345&Customer=20448812".utf8)

    /// A mail to twenty people, about 3 KiB; one content of plain text fills it up to `bytes`.
    static func mail(bytes: Int) -> [UInt8] {
        let people = (0..<20).map { #"{"email":"customer.number\#($0)@mail\#($0 % 7).example.com","name":"Customer Number \#($0)"}"# }
        let head = #"{"personalizations":[{"to":["# + people.joined(separator: ",")
            + #"],"subject":"Your order has shipped"}],"from":{"email":"news@shop.example","name":"Shop"},"content":[{"type":"text/html","value":""#
        let tail = #""}],"categories":["orders"],"custom_args":{"campaign":"spring"}}"#
        let line = "<p>Your order is on its way and arrives on Thursday between nine and eleven.</p>\\n"
        var text = ""
        while head.utf8.count + text.utf8.count + line.utf8.count + tail.utf8.count <= max(bytes, 3072) { text += line }
        return Array((head + text + tail).utf8)
    }
}
