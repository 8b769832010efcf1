<?php
// The panel's PHP member. As a command line program it reads JSON and forms by the panel's protocol (panel.py); under php-cgi
// it answers with what PHP has made of a multipart body.
function slots($fields) {
    $out = [];
    foreach ($fields as $name => $value) {
        if (!preg_match('/^\s*\[?(to|cc|bcc|sms)\b/i', (string) $name)) continue;
        array_walk_recursive_any($value, $out, stripos((string) $name, 'sms') !== false);
    }
    return $out;
}

// A number is a recipient in its own place alone.
function array_walk_recursive_any($value, &$out, $takesNumbers) {
    if (is_array($value)) { foreach ($value as $item) array_walk_recursive_any($item, $out, $takesNumbers); }
    elseif (is_object($value)) { foreach (get_object_vars($value) as $item) array_walk_recursive_any($item, $out, false); }
    elseif (is_string($value) || is_int($value) && $takesNumbers) $out[] = (string) $value;
}

function answer($list) { return json_encode($list, JSON_INVALID_UTF8_SUBSTITUTE); }

if (PHP_SAPI !== 'cli') {
    $out = slots($_POST);
    foreach ($_FILES as $name => $file) {
        if (preg_match('/^\s*\[?(to|cc|bcc)\b/i', $name) && is_string($file['tmp_name']) && $file['tmp_name'] !== '') {
            $out[] = file_get_contents($file['tmp_name']);
        }
    }
    header('Content-Type: application/json');
    echo answer(['to' => $out]);
    return;
}

function read_exactly($count) {
    $text = '';
    while (strlen($text) < $count) {
        $more = fread(STDIN, $count - strlen($text));
        if ($more === false || $more === '') return null;
        $text .= $more;
    }
    return $text;
}

while (($head = read_exactly(4)) !== null) {
    $message = read_exactly(unpack('N', $head)[1]);
    $kind = substr($message, 1, ord($message[0]));
    $at = 1 + strlen($kind);
    $at += 2 + unpack('n', substr($message, $at, 2))[1];
    $body = substr($message, $at);
    $result = ['error' => 'no reader'];
    if ($kind === 'json') {
        $document = json_decode($body);
        if (json_last_error() !== JSON_ERROR_NONE) $result = ['error' => json_last_error_msg()];
        else $result = ['to' => slots(is_object($document) ? get_object_vars($document) : (array) $document)];
    } elseif ($kind === 'form') {
        parse_str($body, $fields);
        $result = ['to' => slots($fields)];
    }
    $text = answer($result);
    fwrite(STDOUT, pack('N', strlen($text)) . $text);
    fflush(STDOUT);
}
