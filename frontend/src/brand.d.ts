declare module "virtual:brand" {
  /** What the product is called; never written anywhere else. */
  export const name: string;
  /** One line that says what it does. */
  export const tagline: string;
  /** The address of the logo, an SVG that stands on light and dark. */
  export const logo: string;
}

declare module "virtual:brand.css";
