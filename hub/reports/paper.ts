/**
 * A4 paper that fills from above: headings, paragraphs, lists, pictures and cards, each tagged for screen readers as PDF/UA-1
 * asks (ISO 14289-1): one tree of structure, a language, a title, alternative text on pictures, everything else an artifact.
 * pdfkit writes the bytes; what stands where is decided here, since its own flow knows no structure.
 */
import { createRequire } from "node:module";
import { ink, linePath, type Scene } from "./scene.ts";

/** The part of pdfkit that is used here (it brings no types); the fonts are those that pdfmake carries. */
export type Element = { add(child: Element | (() => void)): Element; end(): void };
type Image = { readonly width: number; readonly height: number };
type Doc = {
  openImage(bytes: Uint8Array): Image;
  image(image: Image, x: number, y: number, options: { readonly width: number }): Doc;
  readonly page: { readonly width: number; readonly height: number };
  on(event: "data", listen: (chunk: Uint8Array) => void): void;
  on(event: "end", listen: () => void): void;
  on(event: "error", listen: (error: Error) => void): void;
  end(): void;
  addPage(): void;
  bufferedPageRange(): { readonly start: number; readonly count: number };
  switchToPage(page: number): void;
  font(name: string): Doc;
  fontSize(points: number): Doc;
  fillColor(colour: string): Doc;
  strokeColor(colour: string): Doc;
  lineWidth(points: number): Doc;
  widthOfString(text: string): number;
  text(text: string, x: number, y: number, options: { readonly lineBreak: false; readonly baseline?: string }): Doc;
  path(d: string): Doc;
  rect(x: number, y: number, w: number, h: number): Doc;
  fill(): Doc;
  stroke(): Doc;
  save(): Doc;
  restore(): Doc;
  translate(x: number, y: number): Doc;
  scale(by: number): Doc;
  struct(type: string, options?: Readonly<Record<string, unknown>>, children?: readonly (() => void)[]): Element;
  addStructure(element: Element): void;
  markContent(tag: "Artifact", options: { readonly type: string }): void;
  endMarkedContent(): void;
};
type Pdfkit = new (options: Readonly<Record<string, unknown>>) => Doc;

type Fonts = { readonly normal: string; readonly bold: string };
export type Style = { readonly size: number; readonly bold?: boolean; readonly colour?: string };
export type Line = { readonly text: string; readonly width: number };

const margin = { side: 48, top: 50, bottom: 56 } as const;
export const leading = 1.32;

/** What a page is about, for its foot and for the file. */
export type About = {
  readonly title: string;
  /** the title without the space, where that one is long */
  readonly shortTitle: string;
  readonly author: string;
  readonly language: string;
  readonly madeMs: number;
};

const load = createRequire(import.meta.url);
const figures = /^[\d., –]+$/;

export class Paper {
  readonly left: number = margin.side;
  readonly doc: Doc;
  readonly width: number;
  /** where the next thing begins */
  y: number = margin.top;
  #root: Element;
  #about: About;
  #bytes: Promise<Uint8Array>;
  readonly #fonts: Fonts;
  readonly #widths = { normal: new Map<string, number>(), bold: new Map<string, number>() };

  constructor(about: About) {
    const Document = createRequire(load.resolve("pdfmake"))("pdfkit") as Pdfkit;
    this.#fonts = (load("pdfmake/fonts/Roboto.js") as { readonly Roboto: Fonts }).Roboto;
    this.#about = about;
    const made = new Date(about.madeMs);
    this.doc = new Document({
      size: "A4",
      margin: 0,
      font: this.#fonts.normal,
      bufferPages: true,
      pdfVersion: "1.7",
      subset: "PDF/UA",
      tagged: true,
      displayTitle: true,
      lang: about.language,
      info: { Title: about.title, Author: about.author, Creator: "koprade", Producer: "koprade", CreationDate: made, ModDate: made },
    });
    this.width = this.doc.page.width - 2 * margin.side;
    const done = Promise.withResolvers<Uint8Array>();
    const chunks: Uint8Array[] = [];
    this.doc.on("data", (chunk) => chunks.push(chunk));
    this.doc.on("end", () => done.resolve(Uint8Array.from(Buffer.concat(chunks))));
    this.doc.on("error", done.reject);
    this.#bytes = done.promise;
    this.#root = this.doc.struct("Document");
    this.doc.addStructure(this.#root);
  }

  get bottom(): number {
    return this.doc.page.height - margin.bottom;
  }

  /** Begins a page unless so much room is left. */
  need(height: number): void {
    if (this.y + height > this.bottom && this.y > margin.top) this.page();
  }

  page(): void {
    this.doc.addPage();
    this.y = margin.top;
  }

  space(points: number): void {
    this.y = Math.min(this.bottom, this.y + points);
  }

  /** An element of the structure; its parts are drawn as they are added to it. */
  open(type: string, options: Readonly<Record<string, unknown>> = {}, within: Element = this.#root): Element {
    const element = this.doc.struct(type, options);
    within.add(element);
    return element;
  }

  /** What only decorates: rules, grounds, repeated heads. */
  artifact(draw: () => void, type: "Layout" | "Pagination" = "Layout"): void {
    this.doc.markContent("Artifact", { type });
    draw();
    this.doc.endMarkedContent();
  }

  /** A line from the left margin, where the next thing begins. */
  rule(length: number, colour: string, width: number): void {
    this.artifact(() => {
      this.doc
        .lineWidth(width)
        .strokeColor(colour)
        .path(linePath(this.left, this.y, this.left + length, this.y))
        .stroke();
    });
  }

  use({ size, bold = false }: Style): void {
    // By path: a font that is registered under a name is read again at each use (pdfkit 0.19, fonts mixin).
    this.doc.font(bold ? this.#fonts.bold : this.#fonts.normal).fontSize(size);
  }

  /** Shaping a text costs far more than remembering it, and a width grows with the size. */
  measure(text: string, { size, bold = false }: Style): number {
    const known = this.#widths[bold ? "bold" : "normal"];
    let width = known.get(text);
    if (width === undefined && text.length > 1 && figures.test(text)) {
      // Figures of Roboto are of one width and not kerned: their widths add up, and almost every cell is made of them.
      width = [...text].reduce((sum, letter) => sum + this.measure(letter, { size: 1, bold }), 0);
      known.set(text, width);
    } else if (width === undefined) {
      this.use({ size: 100, bold });
      width = this.doc.widthOfString(text) / 100;
      known.set(text, width);
    }
    return width * size;
  }

  /** A text in lines of at most this width, broken between words, or within one that is wider than a line. */
  lines(text: string, style: Style, width: number): Line[] {
    const out: Line[] = [];
    let line = "";
    for (const word of text.split(" ").flatMap((each) => this.#pieces(each, style, width))) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && this.measure(longer, style) > width) {
        out.push({ text: line, width: this.measure(line, style) });
        line = word;
      } else line = longer;
    }
    out.push({ text: line, width: this.measure(line, style) });
    return out;
  }

  #pieces(word: string, style: Style, width: number): string[] {
    if (this.measure(word, style) <= width) return [word];
    let fits = word.length - 1;
    while (fits > 1 && this.measure(word.slice(0, fits), style) > width) fits -= 1;
    return [word.slice(0, Math.max(1, fits)), ...this.#pieces(word.slice(Math.max(1, fits)), style, width)];
  }

  /** Puts lines at a place; whoever calls has opened an element or an artifact. */
  put(
    lines: readonly Line[],
    style: Style,
    at: { readonly x: number; readonly y: number; readonly width: number },
    side: "left" | "right" = "left",
  ): void {
    this.use(style);
    this.doc.fillColor(style.colour ?? ink.text);
    lines.forEach(({ text, width }, i) => {
      const x = side === "left" ? at.x : at.x + at.width - width;
      if (text !== "") this.doc.text(text, x, at.y + i * style.size * leading, { lineBreak: false });
    });
  }

  /** A heading or a paragraph over the whole width. `keep`: room for what must stand under it on the same page. */
  write(type: "H1" | "H2" | "H3" | "P" | "Caption", text: string, style: Style, keep = 0): void {
    const lines = this.lines(text, style, this.width);
    const height = lines.length * style.size * leading;
    this.need(height + keep);
    const { y } = this;
    this.open(type)
      .add(() => this.put(lines, style, { x: this.left, y, width: this.width }))
      .end();
    this.y += height;
  }

  list(items: readonly string[], style: Style): void {
    const list = this.open("L");
    const inset = 10;
    for (const item of items) {
      const lines = this.lines(item, style, this.width - inset);
      const height = lines.length * style.size * leading;
      this.need(height);
      const { y } = this;
      const row = this.open("LI", {}, list);
      this.open("Lbl", {}, row).add(() => this.put([{ text: "•", width: 0 }], style, { x: this.left, y, width: inset }));
      this.open("LBody", {}, row).add(() => this.put(lines, style, { x: this.left + inset, y, width: this.width - inset }));
      this.y += height + 1.5;
    }
    list.end();
  }

  get pages(): number {
    return this.doc.bufferedPageRange().count;
  }

  /** A picture with what it shows in words, larger or smaller by `scale`; it never breaks over pages. */
  figure(scene: Scene, alt: string, scale = 1): void {
    const [width, height] = [scene.width * scale, scene.height * scale];
    this.need(height);
    const { y } = this;
    this.open("Figure", { alt, bbox: [this.left, y, this.left + width, y + height], placement: "Block" })
      .add(() => this.#draw(scene, y, scale))
      .end();
    this.y += height;
  }

  /** A PNG of somebody else's; one that cannot be read is left out, since the words beside it say the same. */
  picture(png: Uint8Array, alt: string): void {
    const [width, height] = [150, 48];
    let image: Image;
    try {
      image = this.doc.openImage(Buffer.from(png));
    } catch (error) {
      if (error instanceof Error) return;
      throw error;
    }
    this.need(height + 6);
    const scale = Math.min(width / image.width, height / image.height);
    const { y } = this;
    const box = [this.left, y, this.left + image.width * scale, y + image.height * scale];
    this.open("Figure", { alt, bbox: box, placement: "Block" }).add(() => {
      this.doc.image(image, this.left, y, { width: image.width * scale });
    });
    this.y += image.height * scale + 6;
  }

  #draw({ shapes }: Scene, top: number, scale: number): void {
    const { doc } = this;
    doc.save().translate(this.left, top);
    if (scale !== 1) doc.scale(scale);
    for (const shape of shapes) {
      if (shape.kind === "path") {
        if (shape.fill !== null) doc.fillColor(shape.fill).path(shape.d).fill();
        if (shape.stroke !== null) doc.lineWidth(shape.width).strokeColor(shape.stroke).path(shape.d).stroke();
        continue;
      }
      const style = { size: shape.size, bold: shape.bold };
      const width = shape.anchor === "start" ? 0 : this.measure(shape.text, style);
      this.use(style);
      const x = shape.x - (shape.anchor === "middle" ? width / 2 : width);
      doc.fillColor(shape.colour).text(shape.text, x, shape.y, { lineBreak: false, baseline: "alphabetic" });
    }
    doc.restore();
  }

  /** Writes the foot of every page and gives the file. */
  async finish(foot: (page: number, pages: number) => string): Promise<Uint8Array> {
    const style = { size: 7, colour: ink.quiet };
    const { start, count } = this.doc.bufferedPageRange();
    for (let page = start; page < start + count; page += 1) {
      this.doc.switchToPage(page);
      this.artifact(() => {
        const y = this.doc.page.height - 36;
        const number = this.lines(foot(page + 1, count), style, 120);
        const { title, shortTitle } = this.#about;
        const shown = this.measure(title, style) <= this.width - 130 ? title : shortTitle;
        this.put(this.lines(shown, style, this.width - 130).slice(0, 1), style, { x: this.left, y, width: this.width });
        this.put(number, style, { x: this.left, y, width: this.width }, "right");
      }, "Pagination");
    }
    this.#root.end();
    this.doc.end();
    return this.#bytes;
  }
}
