import { createRoot } from 'react-dom/client'

createRoot(document.getElementById('empty') as HTMLElement).render(<button type="button">Sign in</button>)
