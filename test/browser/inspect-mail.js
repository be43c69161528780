// What automatic accessibility checks look at (WCAG 2.2: 1.1.1, 1.4.3, 1.4.10, 2.4.2, 2.5.8, 3.1.1); runs in the page of a mail.
(() => {
  const channel = (value) => (value / 255 <= 0.040_45 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const colorOf = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([red = 0, green = 0, blue = 0]) =>
    0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = colorOf(getComputedStyle(at).backgroundColor);
      if ((color[3] ?? 1) > 0) return color;
    }
    return [255, 255, 255];
  };
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!element || node.textContent?.trim() === '' || getComputedStyle(element).display === 'none') continue;
    if (element.getClientRects().length === 0) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const [light, dark] = [luminance(colorOf(style.color)), luminance(backgroundOf(element))].sort((a, b) => b - a);
    const ratio = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${node.textContent?.slice(0, 40)}`);
  }
  for (const image of document.images) {
    if (!image.alt) faults.push('a picture without words');
    if (!image.complete || image.naturalWidth === 0) faults.push('a picture that does not load');
  }
  for (const button of document.querySelectorAll('.button, .quiet-button')) {
    if (button.getBoundingClientRect().height < 44) faults.push('a button too small for a finger');
  }
  if (document.documentElement.scrollWidth > window.innerWidth)
    faults.push(`${document.documentElement.scrollWidth} wide`);
  if (document.querySelectorAll('h1').length !== 1 || document.querySelectorAll('script').length > 0)
    faults.push('structure');
  return { faults, seen, lang: document.documentElement.lang, title: document.title };
})();
