<?php
// Runs the plug-in with stand-ins for what it asks of WordPress, and prints as JSON
// what came of it. Arguments: the plug-in's folder, and JSON of "given" (what the
// settings form sends) or "stored" (what stands in the database, unsanitised), and
// "locale".
define( 'ABSPATH', '/' );
$asked = json_decode( $argv[2], true );
$seen  = array( 'hooks' => array(), 'scripts' => array(), 'enqueued' => array(), 'shortcodes' => array(), 'blocks' => array(), 'settings' => array(), 'fields' => array() );

// The stand-ins do what WordPress' own functions promise, and no more.
function add_action( $name, $call ) { $GLOBALS['seen']['hooks'][ $name ][] = $call; }
function add_filter( $name, $call ) { add_action( $name, $call ); }
function get_option() { return $GLOBALS['asked']['stored'] ?? bedside_chat_sanitize( $GLOBALS['asked']['given'] ?? null ); }
function wp_parse_args( $given, $otherwise ) { return array_merge( $otherwise, $given ); }
function determine_locale() { return $GLOBALS['asked']['locale'] ?? 'en_US'; }
function untrailingslashit( $text ) { return rtrim( $text, '/\\' ); }
function wp_register_script( $name, $address, $needs, $version, $how ) { $GLOBALS['seen']['scripts'][ $name ] = array( 'address' => $address, 'how' => $how ); }
function wp_enqueue_script( $name ) { $GLOBALS['seen']['enqueued'][] = $name; }
function wp_enqueue_style() {}
function plugins_url( $file ) { return "https://site.example/$file"; }
function register_block_type( $folder, $settings ) { $GLOBALS['seen']['blocks'][ json_decode( file_get_contents( "$folder/block.json" ) )->name ] = $settings['render_callback']; }
function add_shortcode( $name, $call ) { $GLOBALS['seen']['shortcodes'][ $name ] = $call; }
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8', false ); }
function esc_attr( $text ) { return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8', false ); }
function esc_url_raw( $address, $schemes ) { return in_array( parse_url( $address, PHP_URL_SCHEME ), $schemes, true ) ? str_replace( array( '"', "'", '<', '>', ' ' ), '', $address ) : ''; }
function sanitize_text_field( $text ) { return is_scalar( $text ) ? trim( preg_replace( '/[\r\n\t ]+/', ' ', strip_tags( (string) $text ) ) ) : ''; }
function sanitize_hex_color( $color ) { return '' === $color ? '' : ( preg_match( '/^#([A-Fa-f0-9]{3}){1,2}$/', $color ) ? $color : null ); }
function checked( $value, $other ) { return (string) $value === (string) $other ? " checked='checked'" : ''; }
function register_setting( $group, $name, $how ) { $GLOBALS['seen']['settings'][ $name ] = $how['sanitize_callback']; }
function add_settings_section() {}
function add_settings_field( $id, $label, $call, $page, $section, $field ) { $GLOBALS['seen']['fields'][] = array( $call, $field ); }
function add_options_page( $title, $name, $may, $slug, $call ) { $GLOBALS['seen']['page'] = array( 'may' => $may, 'call' => $call ); }
function settings_fields( $group ) { echo "nonce:$group"; }
function do_settings_sections() { foreach ( $GLOBALS['seen']['fields'] as list( $call, $field ) ) { $call( $field ); } }
function submit_button() {}
function __( $text ) { return $text; }

/** What a function prints. */
function printed( $call ) {
	ob_start();
	$call();
	return ob_get_clean();
}

error_reporting( E_ALL );
set_error_handler( function ( $level, $message, $file, $line ) {
	fwrite( STDERR, "$message in $file:$line\n" );
	exit( 1 );
} );
require $argv[1] . '/bedside-chat.php';
foreach ( array( 'init', 'wp_enqueue_scripts', 'admin_init', 'admin_menu' ) as $name ) {
	foreach ( $seen['hooks'][ $name ] as $call ) { $call(); }
}
$attributes = array( 'id' => 'bedside-chat-js' );
$others     = array( 'id' => 'other-js' );
foreach ( $seen['hooks']['wp_script_attributes'] as $call ) {
	$attributes = $call( $attributes );
	$others     = $call( $others );
}
$tag = '<script';
foreach ( $attributes as $name => $value ) { $tag .= sprintf( ' %s="%s"', $name, esc_attr( $value ) ); }
$site = $seen['enqueued'];
echo json_encode( array(
	'footer'    => printed( $seen['hooks']['wp_footer'][0] ),
	'shortcode' => $seen['shortcodes']['bedside_chat'](),
	'block'     => $seen['blocks']['bedside/chat'](),
	'page'      => printed( $seen['page']['call'] ),
	'may'       => $seen['page']['may'],
	'clean'     => $seen['settings']['bedside_chat']( $asked['given'] ?? null ),
	'script'    => $seen['scripts']['bedside-chat'] ?? null,
	'site'      => $site,
	'inline'    => array_slice( $seen['enqueued'], count( $site ) ),
	'tag'       => $tag,
	'others'    => count( $others ),
), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR );
