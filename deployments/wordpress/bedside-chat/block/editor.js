// In the editor the block is a note: the chat itself runs on the page only.
( function ( blocks, element, editor ) {
	blocks.registerBlockType( 'bedside/chat', {
		edit: function () {
			return element.createElement( 'p', editor.useBlockProps(), 'Bedside Chat stands here, with the crisis line and the clinic’s phone.' );
		},
		save: function () {
			return null;
		},
	} );
} )( window.wp.blocks, window.wp.element, window.wp.blockEditor );
