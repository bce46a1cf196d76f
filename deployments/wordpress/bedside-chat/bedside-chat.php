<?php
/**
 * Plugin Name: Bedside Chat
 * Description: Puts the clinic's Bedside chat on the site, and prints whom to call in danger by itself.
 * Version: 1.0.0
 * Requires at least: 6.3
 * Requires PHP: 7.4
 * License: GPL-2.0-or-later
 * Text Domain: bedside-chat
 *
 * The plug-in holds no secret: a visitor's browser talks to the gateway directly.
 * The crisis line and the clinic's phone are printed here, in the page, so that
 * they stand there when the gateway or the script does not.
 */

defined( 'ABSPATH' ) || exit;

require __DIR__ . '/settings.php';

const BEDSIDE_CHAT_HANDLE = 'bedside-chat';

/** The settings, with a default for each. */
function bedside_chat_options() {
	return wp_parse_args(
		(array) get_option( 'bedside_chat', array() ),
		array( 'server' => '', 'name' => '', 'phone' => '', 'everywhere' => '1', 'color' => '', 'position' => 'end', 'heading' => '', 'greeting' => '', 'label' => '', 'launcher' => '' )
	);
}

/** Whether the site is read in Spanish. */
function bedside_chat_spanish() {
	return 0 === strpos( (string) determine_locale(), 'es' );
}

/** Makes the script known; it is loaded without holding up the page. */
function bedside_chat_register() {
	$options = bedside_chat_options();
	if ( '' !== $options['server'] ) {
		// No version in the address: the gateway says itself how long it may be kept.
		wp_register_script( BEDSIDE_CHAT_HANDLE, untrailingslashit( $options['server'] ) . '/widget.js', array(), null, array( 'strategy' => 'async', 'in_footer' => true ) );
	}
	register_block_type( __DIR__ . '/block', array( 'render_callback' => 'bedside_chat_inline' ) );
	add_shortcode( 'bedside_chat', 'bedside_chat_inline' );
}
add_action( 'init', 'bedside_chat_register' );

/** Loads the script on every page, where the settings say so. */
function bedside_chat_enqueue() {
	if ( bedside_chat_options()['everywhere'] ) {
		wp_enqueue_script( BEDSIDE_CHAT_HANDLE );
	}
}
add_action( 'wp_enqueue_scripts', 'bedside_chat_enqueue' );

/** Hands the settings to the widget as data attributes of its script. */
function bedside_chat_attributes( $attributes ) {
	if ( ! isset( $attributes['id'] ) || BEDSIDE_CHAT_HANDLE . '-js' !== $attributes['id'] ) {
		return $attributes;
	}
	$options = bedside_chat_options();
	foreach ( array( 'color', 'position', 'heading', 'greeting', 'label', 'launcher' ) as $name ) {
		if ( '' !== $options[ $name ] ) {
			$attributes[ 'data-' . $name ] = $options[ $name ];
		}
	}
	return $attributes;
}
add_filter( 'wp_script_attributes', 'bedside_chat_attributes' );

/** The line whom to call, and the clinic's phone, as HTML. */
function bedside_chat_help() {
	$options = bedside_chat_options();
	$spanish = bedside_chat_spanish();
	$line    = $spanish
		? 'En peligro: <a href="tel:911">911</a>. En crisis: llame al <a href="tel:988">988</a> y oprima 2, o envíe AYUDA por texto.'
		: 'In danger: <a href="tel:911">911</a>. In crisis: call or text <a href="tel:988">988</a>.';
	$clinic  = '';
	if ( '' !== $options['phone'] ) {
		$name   = '' !== $options['name'] ? $options['name'] : ( $spanish ? 'La clínica' : 'The clinic' );
		$clinic = sprintf( ' %s: <a href="tel:%s">%s</a>.', esc_html( $name ), esc_attr( preg_replace( '/[^+0-9]/', '', $options['phone'] ) ), esc_html( $options['phone'] ) );
	}
	return '<p class="bedside-chat-help" lang="' . ( $spanish ? 'es' : 'en' ) . '">' . $line . $clinic . '</p>';
}

/** Prints the line at the end of each page that has the chat. */
function bedside_chat_footer() {
	if ( bedside_chat_options()['everywhere'] ) {
		echo bedside_chat_help(); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped where it is made.
	}
}
add_action( 'wp_footer', 'bedside_chat_footer' );

/** The chat in the page's own text: the shortcode [bedside_chat] and the block. */
function bedside_chat_inline() {
	wp_enqueue_script( BEDSIDE_CHAT_HANDLE );
	wp_enqueue_style( BEDSIDE_CHAT_HANDLE, plugins_url( 'style.css', __FILE__ ), array(), '1.0.0' );
	$options    = bedside_chat_options();
	$attributes = ' position="inline" lang="' . ( bedside_chat_spanish() ? 'es' : 'en' ) . '"';
	foreach ( array( 'color', 'heading', 'greeting' ) as $name ) {
		if ( '' !== $options[ $name ] ) {
			$attributes .= sprintf( ' %s="%s"', $name, esc_attr( $options[ $name ] ) );
		}
	}
	// Read until the chat takes its place, and where it does not come.
	$waiting = bedside_chat_spanish() ? 'Si el chat no aparece aquí, por favor llame a la clínica.' : 'If the chat does not appear here, please call the clinic.';
	return '<div class="bedside-chat-room">' . bedside_chat_help() . '<bedside-chat' . $attributes . '><p>' . $waiting . '</p></bedside-chat></div>';
}
