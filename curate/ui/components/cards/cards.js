// Read-only cards and the viewer that enlarges one. Texts are only ever set as text.

const shown = new WeakMap(); // what each place shows now: a rerun that changes nothing must not make pictures flicker

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".cards");
  const told = JSON.stringify(data);
  if (shown.get(root) === told) return;
  shown.set(root, told);
  root.style.setProperty("--size", `${data.size_px}px`);
  root.classList.toggle("large", data.is_large);
  const viewer = makeViewer(data.cards);
  root.replaceChildren(...data.cards.map((card, at) => makeCard(card, () => viewer.open(at))), viewer.dialog);
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function makeCard(card, open) {
  const button = make("button", "card");
  button.type = "button";
  button.title = card.caption;
  button.setAttribute("aria-label", card.caption);
  button.append(makeFrame(card));
  if (card.tags.length) button.append(makeTags(card.tags));
  if (card.shares.length) button.append(makeShare(card));
  button.append(...card.lines.map((line) => make("span", "small", line)));
  button.addEventListener("click", open);
  return button;
}

function makeFrame(card) {
  const frame = make("span", "frame");
  const picture = make("img");
  picture.alt = "";
  picture.loading = "lazy";
  picture.src = card.thumb;
  frame.append(picture);
  if (card.sign) {
    const sign = make("span", "sign", card.sign);
    sign.style.background = card.sign_colour;
    sign.title = card.decided;
    frame.append(sign);
  }
  return frame;
}

function makeTags(tags) {
  const row = make("span", "tags");
  tags.forEach((tag, at) => {
    const named = make("span", "tag");
    if (at) named.append(make("span", "arrow", "→"));
    const dot = make("span", "dot");
    dot.style.background = tag.colour;
    named.append(dot, make("b", "", tag.text));
    row.append(named);
  });
  return row;
}

function makeShare(card) {
  const row = make("span", "share");
  const bar = make("span", "bar");
  const [first, last] = [card.shares[0].share, card.shares[card.shares.length - 1].share];
  const fill = make("span", "fill");
  fill.style.left = `${100 * (card.shares.length > 1 ? Math.min(first, last) : 0)}%`;
  fill.style.width = `${100 * (card.shares.length > 1 ? Math.abs(last - first) : first)}%`;
  bar.append(fill);
  if (card.shares.length > 1) bar.append(makeEnd("from", first), makeEnd("to", last));
  row.append(bar, make("span", "number", card.shares.map((share) => share.text).join(" → ")));
  return row;
}

function makeEnd(name, share) {
  const end = make("span", name);
  end.style.left = `${100 * share}%`;
  return end;
}

function makeViewer(cards) {
  const dialog = make("dialog", "viewer");
  const picture = make("img");
  const caption = make("p");
  const [before, next, close] = ["←", "→", "✕"].map((sign) => make("button", "", sign));
  before.setAttribute("aria-label", "Picture before");
  next.setAttribute("aria-label", "Next picture");
  close.setAttribute("aria-label", "Close");
  const footer = make("footer");
  footer.append(caption, before, next, close);
  dialog.append(picture, footer);
  let at = 0;
  const turn = (to) => {
    if (to < 0 || to >= cards.length) return;
    at = to;
    picture.src = cards[at].view;
    picture.alt = caption.textContent = cards[at].caption;
    before.disabled = at === 0;
    next.disabled = at === cards.length - 1;
  };
  before.addEventListener("click", () => turn(at - 1));
  next.addEventListener("click", () => turn(at + 1));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation(); // Streamlit would rerun on r and offer to clear caches on c
    if (event.key === "ArrowLeft") turn(at - 1);
    if (event.key === "ArrowRight") turn(at + 1);
  });
  return {
    dialog,
    open(to) {
      turn(to);
      dialog.showModal();
    },
  };
}
