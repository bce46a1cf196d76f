// What the gateway writes into the script that it serves.
declare const SERVED: {
  clinic: { name: string; phone: string; hours: string; color: string };
  disclosure: Record<string, string>;
};

// Style sheets are bundled as text, and adopted by the shadow root.
declare module '*.css' {
  const text: string;
  export default text;
}
