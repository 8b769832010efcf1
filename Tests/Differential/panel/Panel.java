// The panel's Java member: Jackson, as a tree and into a class. Protocol: panel.py.
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

public class Panel {
    // A number is a recipient in its own place alone.
    static void texts(JsonNode node, List<String> out, boolean takesNumbers) {
        if (node == null) return;
        if (node.isTextual() || node.isNumber() && takesNumbers) out.add(node.asText());
        for (JsonNode child : node) texts(child, out, takesNumbers && node.isArray());
    }

    public static void main(String[] arguments) throws Exception {
        ObjectMapper mapper = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream result = new DataOutputStream(System.out);
        while (true) {
            byte[] message;
            try { message = new byte[in.readInt()]; } catch (EOFException end) { return; }
            in.readFully(message);
            int at = 1 + message[0];
            at += 2 + ((message[at] & 0xff) << 8 | (message[at + 1] & 0xff));
            byte[] text;
            try {
                JsonNode document = mapper.readTree(Arrays.copyOfRange(message, at, message.length));
                List<String> out = new ArrayList<>();
                for (String name : new String[] {"to", "cc", "bcc", "sms"}) texts(document.get(name), out, name.equals("sms"));
                text = mapper.writeValueAsBytes(Map.of("to", out));
            } catch (Exception error) {
                text = mapper.writeValueAsBytes(Map.of("error", error.getClass().getName()));
            }
            result.writeInt(text.length);
            result.write(text);
            result.flush();
        }
    }
}
