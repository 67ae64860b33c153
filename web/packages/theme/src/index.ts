// The look that is shared by every app: scales, colour arithmetic and the theme sheet contract. No component lives here.
export * from './app-theme.ts';
export * from './contrast.ts';
