// A click on a figure shows it large; another click, or Escape, closes it.  Without scripts it is a link.
const view = document.body.appendChild(document.createElement("dialog"));
view.onclick = () => view.close();
for (const link of document.querySelectorAll("figure > a"))
	link.onclick = event => {
		event.preventDefault();
		const image = link.firstElementChild.cloneNode();
		image.removeAttribute("loading");
		view.replaceChildren(image);
		view.showModal();
	};
