<?php
// Signs as the shops' own PHP does: WooCommerce's WC_Webhook::generate_signature, Shoper's X-Webhook-SHA1.
$told = json_decode(stream_get_contents(STDIN), true);
foreach ($told['cases'] as $case) {
    echo $told['vendor'] === 'woocommerce'
        ? base64_encode(hash_hmac('sha256', $case['body'], $case['secret'], true))
        : sha1($case['id'] . ':' . $case['secret'] . ':' . $case['body']);
    echo "\n";
}
