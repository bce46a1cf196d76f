<?php
/**
 * The settings page: Settings, Bedside Chat.
 */

defined( 'ABSPATH' ) || exit;

/** The fields, with their labels and what they mean. */
function bedside_chat_fields() {
	return array(
		'server'     => array( __( 'Gateway', 'bedside-chat' ), __( 'Its address, for example https://chat.clinic.example', 'bedside-chat' ), 'url' ),
		'name'       => array( __( 'Clinic', 'bedside-chat' ), __( 'Its name, beside the phone', 'bedside-chat' ), 'text' ),
		'phone'      => array( __( 'Phone', 'bedside-chat' ), __( 'Printed on the page also when the chat is not there', 'bedside-chat' ), 'tel' ),
		'everywhere' => array( __( 'On every page', 'bedside-chat' ), __( 'Without this, only where the shortcode [bedside_chat] or the block stands', 'bedside-chat' ), 'checkbox' ),
		'color'      => array( __( 'Colour', 'bedside-chat' ), __( 'As #rrggbb; empty: the gateway’s', 'bedside-chat' ), 'text' ),
		'position'   => array( __( 'Corner', 'bedside-chat' ), __( 'end or start', 'bedside-chat' ), 'text' ),
		'heading'    => array( __( 'Title', 'bedside-chat' ), '', 'text' ),
		'greeting'   => array( __( 'Greeting', 'bedside-chat' ), __( 'Stands above the disclosure, never instead of it', 'bedside-chat' ), 'text' ),
		'label'      => array( __( 'Words on the button', 'bedside-chat' ), '', 'text' ),
		'launcher'   => array( __( 'A button that is there already', 'bedside-chat' ), __( 'Its CSS selector, for example #wp-chatbot-ball', 'bedside-chat' ), 'text' ),
	);
}

/** Keeps what can be used, and nothing else. */
function bedside_chat_sanitize( $input ) {
	$input = (array) $input;
	$clean = array();
	foreach ( array_keys( bedside_chat_fields() ) as $name ) {
		$clean[ $name ] = isset( $input[ $name ] ) ? sanitize_text_field( $input[ $name ] ) : '';
	}
	$clean['server'] = esc_url_raw( $clean['server'], array( 'https', 'http' ) );
	$clean['color']  = (string) sanitize_hex_color( $clean['color'] );
	if ( ! in_array( $clean['position'], array( 'end', 'start' ), true ) ) {
		$clean['position'] = 'end';
	}
	return $clean;
}

add_action(
	'admin_init',
	function () {
		register_setting( 'bedside_chat', 'bedside_chat', array( 'type' => 'object', 'sanitize_callback' => 'bedside_chat_sanitize' ) );
		add_settings_section( 'bedside_chat', '', '__return_false', 'bedside_chat' );
		foreach ( bedside_chat_fields() as $name => $field ) {
			add_settings_field( 'bedside-chat-' . $name, $field[0], 'bedside_chat_field', 'bedside_chat', 'bedside_chat', array( 'name' => $name, 'hint' => $field[1], 'type' => $field[2], 'label_for' => 'bedside-chat-' . $name ) );
		}
	}
);

/** Prints one field. */
function bedside_chat_field( $field ) {
	$value = bedside_chat_options()[ $field['name'] ];
	$id    = 'bedside-chat-' . $field['name'];
	printf(
		'<input type="%1$s" id="%2$s" name="bedside_chat[%3$s]" value="%4$s" class="%5$s" aria-describedby="%2$s-hint"%6$s>',
		esc_attr( $field['type'] ),
		esc_attr( $id ),
		esc_attr( $field['name'] ),
		esc_attr( 'checkbox' === $field['type'] ? '1' : $value ),
		'checkbox' === $field['type'] ? '' : 'regular-text',
		'checkbox' === $field['type'] ? checked( $value, '1', false ) : ''
	);
	printf( '<p class="description" id="%s-hint">%s</p>', esc_attr( $id ), esc_html( $field['hint'] ) );
}

add_action(
	'admin_menu',
	function () {
		add_options_page( 'Bedside Chat', 'Bedside Chat', 'manage_options', 'bedside_chat', 'bedside_chat_page' );
	}
);

/** Prints the page. */
function bedside_chat_page() {
	echo '<div class="wrap"><h1>Bedside Chat</h1><form method="post" action="options.php">';
	settings_fields( 'bedside_chat' );
	do_settings_sections( 'bedside_chat' );
	submit_button();
	echo '</form></div>';
}
