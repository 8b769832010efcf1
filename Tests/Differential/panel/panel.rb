# The panel's Ruby member: JSON, Rack for forms and multipart bodies, Mail for messages. Protocol: panel.py.
require 'json'
require 'stringio'
require 'rack'
begin
  require 'mail'
rescue LoadError
  nil
end
$stdin.binmode
$stdout.binmode

# A number is a recipient in its own place alone.
def texts(value, out, takes_numbers = false)
  case value
  when String then out << value
  when Integer then out << value.to_s if takes_numbers
  when Array then value.each { |item| texts(item, out, takes_numbers) }
  when Hash then value[:tempfile] ? out << value[:tempfile].read : value.each_value { |item| texts(item, out) }
  end
  out
end

def slots(fields)
  out = []
  fields.each { |name, value| texts(value, out, name.to_s =~ /sms/i) if name.to_s =~ /\A\s*\[?(to|cc|bcc|sms)\b/i }
  out
end

READERS = {
  'json' => lambda { |body, _| slots(JSON.parse(body.force_encoding('UTF-8'))) },
  'form' => lambda { |body, _| slots(Rack::Utils.parse_nested_query(body.force_encoding('UTF-8'))) },
  'multipart' => lambda { |body, type|
    slots(Rack::Multipart.parse_multipart('CONTENT_TYPE' => type, 'CONTENT_LENGTH' => body.bytesize.to_s, 'rack.input' => StringIO.new(body)) || {})
  },
  'mime' => lambda { |body, _|
    mail = Mail.new(body)
    out = [:to, :cc, :bcc].flat_map { |name| Array(mail.public_send(name)) } + mail.destinations
    mail.header.fields.each { |field| out << field.value.to_s if field.name =~ /\A(resent-)?(to|cc|bcc)\z/i }
    out
  }
}

while (head = $stdin.read(4))
  message = $stdin.read(head.unpack1('N'))
  size = message.getbyte(0)
  kind = message.byteslice(1, size)
  count = message.byteslice(1 + size, 2).unpack1('n')
  type = message.byteslice(3 + size, count)
  body = message.byteslice(3 + size + count, message.bytesize)
  begin
    result = { 'to' => READERS.fetch(kind).call(body, type).map { |text| text.dup.force_encoding('UTF-8').scrub } }
  rescue StandardError, SystemStackError => error
    result = { 'error' => "#{error.class}" }
  end
  text = JSON.generate(result).b
  $stdout.write([text.bytesize].pack('N') + text)
  $stdout.flush
end
