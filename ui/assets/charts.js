// Saves what a chart shows. The picture is drawn from the marks on screen: no foreign objects, nothing tainted.
(() => {
  const save = (name, blob) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const number = (element, name) => parseFloat(element.getAttribute(name)) || 0;
  const shape = (element) => {
    const path = new Path2D(element.tagName === 'path' ? element.getAttribute('d') : undefined);
    if (element.tagName === 'rect') path.rect(number(element, 'x'), number(element, 'y'), number(element, 'width'), number(element, 'height'));
    if (element.tagName === 'circle') path.arc(number(element, 'cx'), number(element, 'cy'), number(element, 'r'), 0, 7);
    if (element.tagName === 'line') {
      path.moveTo(number(element, 'x1'), number(element, 'y1'));
      path.lineTo(number(element, 'x2'), number(element, 'y2'));
    }
    return path;
  };
  // A colour with its strokes, as the page fills a bar.
  const strokes = (canvas, style) => {
    const pattern = document.getElementById(style.fill.match(/#([^")]*)/)[1]);
    const tile = document.createElement('canvas');
    tile.width = tile.height = 16;
    const square = tile.getContext('2d');
    square.scale(2, 2);
    square.fillStyle = style.color;
    square.fillRect(0, 0, 8, 8);
    square.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface');
    square.lineWidth = 1.5;
    square.stroke(new Path2D(pattern.querySelector('path').getAttribute('d')));
    const fill = canvas.createPattern(tile, 'repeat');
    fill.setTransform(new DOMMatrix().scale(0.5));
    return fill;
  };
  // The shorthand is empty where figures are tabular.
  const font = (style) => `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const draw = (canvas, element) => {
    const style = getComputedStyle(element);
    canvas.globalAlpha = parseFloat(style.opacity);
    canvas.fillStyle = style.fill.startsWith('url(') ? strokes(canvas, style) : style.fill;
    if (element.tagName === 'text') {
      canvas.font = font(style);
      canvas.textAlign = { middle: 'center', end: 'right' }[element.getAttribute('text-anchor')] || 'left';
      canvas.fillText(element.textContent, number(element, 'x'), number(element, 'y'));
      return;
    }
    const path = shape(element);
    if (style.fill !== 'none') canvas.fill(path);
    if (style.stroke === 'none') return;
    canvas.strokeStyle = style.stroke;
    canvas.lineWidth = parseFloat(style.strokeWidth);
    canvas.setLineDash(style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(',').map(parseFloat));
    canvas.stroke(path);
  };
  const words = (canvas, figure, width) => {
    const body = getComputedStyle(figure);
    const line = (element, at) => {
      if (!element) return;
      canvas.font = font(getComputedStyle(element));
      canvas.fillStyle = getComputedStyle(element).color;
      canvas.fillText(element.textContent.trim(), 16, at, width);
    };
    canvas.fillStyle = body.color;
    const demo = document.querySelector('.chip.demo');
    const title = figure.querySelector('h2, h3');
    line(title, 32);
    if (demo && title) {
      canvas.textAlign = 'right';
      canvas.fillText(demo.textContent, width + 16, 32);
      canvas.textAlign = 'left';
    }
    line(figure.querySelector('figcaption p'), 56);
  };
  const legend = (canvas, figure, width, top) => {
    let [x, y] = [16, top];
    for (const entry of figure.querySelectorAll('.legend [aria-pressed="true"], .legend .key')) {
      const swatch = entry.querySelector('.swatch');
      canvas.font = font(getComputedStyle(entry));
      const room = canvas.measureText(entry.textContent).width + 40;
      if (x + room > width) [x, y] = [16, y + 20];
      canvas.fillStyle = getComputedStyle(swatch).color;
      canvas.fillRect(x, y - 10, 12, 12);
      canvas.fillStyle = getComputedStyle(entry).color;
      canvas.fillText(entry.textContent.trim(), x + 18, y);
      x += room;
    }
    return y;
  };
  window.voltaireSave = {
    text: (name, content) => save(name, new Blob([content], { type: 'text/csv' })),
    picture: (name, id) => {
      const figure = document.getElementById(id);
      const svg = figure && figure.querySelector('.plot svg');
      if (!svg) return;
      const box = svg.getBoundingClientRect();
      const sheet = document.createElement('canvas');
      const [width, height] = [box.width + 32, box.height + 72];
      const canvas = sheet.getContext('2d');
      const rows = legend(canvas, figure, width - 16, height + 20);
      sheet.width = width * 2;
      sheet.height = (rows + 16) * 2;
      canvas.scale(2, 2);
      canvas.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface');
      canvas.fillRect(0, 0, width, rows + 16);
      words(canvas, figure, width - 32);
      legend(canvas, figure, width - 16, height + 20);
      canvas.translate(16, 64);
      for (const element of svg.querySelectorAll('rect, line, path, circle, text')) draw(canvas, element);
      sheet.toBlob((blob) => blob && save(name, blob));
    },
  };
})();
