import { createRoot } from 'react-dom/client'
import { Window } from './page/Window.tsx'

const root = document.getElementById('root')
if (root) createRoot(root).render(<Window />)
