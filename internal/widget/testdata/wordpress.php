<?php
// Runs the plug-in with stand-ins for what it asks of WordPress, and prints what
// a page would get: the footer, INLINE the shortcode, SCRIPT the script's parts.
define( 'ABSPATH', '/' );
$hooks   = array();
$scripts = array();

function add_action( $name, $call ) { $GLOBALS['hooks'][ $name ][] = $call; }
function add_filter( $name, $call ) { add_action( $name, $call ); }
function get_option() { return bedside_chat_sanitize( array( 'server' => 'https://chat.clinic.example/', 'name' => 'Harbor <b>Clinic</b>', 'phone' => '(312) 555-0100', 'everywhere' => '1', 'color' => '#123456', 'position' => 'nowhere', 'heading' => 'Say "hi"' ) ); }
function wp_parse_args( $given, $otherwise ) { return array_merge( $otherwise, $given ); }
function determine_locale() { return 'en_US'; }
function untrailingslashit( $text ) { return rtrim( $text, '/' ); }
function wp_register_script( $name, $address, $needs, $version, $how ) { $GLOBALS['scripts'][ $name ] = array( $address, $how ); }
function wp_enqueue_script( $name ) { isset( $GLOBALS['scripts'][ $name ] ) || exit( 1 ); }
function wp_enqueue_style() {}
function plugins_url( $file ) { return "https://site.example/$file"; }
function register_block_type( $folder ) { file_exists( "$folder/block.json" ) || exit( 1 ); }
function add_shortcode() {}
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_attr( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_url_raw( $address ) { return $address; }
function sanitize_text_field( $text ) { return trim( $text ); }
function sanitize_hex_color( $color ) { return preg_match( '/^#[0-9a-f]{6}$/i', $color ) ? $color : null; }
function __( $text ) { return $text; }

require $argv[1] . '/bedside-chat.php';
foreach ( $hooks['init'] as $call ) { $call(); }
foreach ( $hooks['wp_enqueue_scripts'] as $call ) { $call(); }
foreach ( $hooks['wp_footer'] as $call ) { $call(); }
echo 'INLINE', bedside_chat_inline(), 'SCRIPT';
$attributes = array( 'id' => 'bedside-chat-js' );
foreach ( $hooks['wp_script_attributes'] as $call ) { $attributes = $call( $attributes ); }
echo json_encode( array( $scripts, $attributes ), JSON_UNESCAPED_SLASHES );
